import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, freshPostgres, type TestServer } from '../../brokers/launcher/test-servers.ts';
import { deadLetters } from '../../brokers/reactors/dead-letters.ts';
import { connectNats } from '../nats/connection.ts';
import { createPublisher } from '../nats/publisher.ts';
import { migrate } from '../postgres/migrate.ts';
import type { Pool } from '../postgres/pool.ts';
import { StreamReader } from './live/stream-reader.ts';
import type { StoredCommit } from './projection.ts';
import { PROJECTIONS, startProjections } from './projections.ts';
import { expectTablesLike, repeatedWrites, traceWrites } from './testing/database.ts';
import { caughtUp, freshStand, log, poolOf, type Stand, shopping } from './testing/stand.ts';
import type { Traffic } from './testing/traffic.ts';

let stand: Stand;
let server: TestServer;
let nc: NatsConnection;
let databaseUrl: string;
let pool: Pool;
let traffic: Traffic;

beforeEach(async () => {
  stand = await freshStand();
  ({ server, nc, databaseUrl, pool, traffic } = stand);
});
afterEach(() => stand[Symbol.asyncDispose]());

test('the tables say what the actors say, whatever way orders go', async () => {
  const projections = startProjections({ nc, pool, log });
  await shopping(traffic, 24);
  // A state that does not travel with its commits is folded from what is remembered, or read from the log.
  await traffic.buy('delivered', 40);
  await caughtUp(projections);
  await expectTablesLike(pool, traffic);
  await projections.stop();
});

test('a state that travels with no commit is read from the log by one that comes in the middle', async () => {
  const id = await traffic.buy('paid', 40);
  const first = startProjections({ nc, pool, log });
  await caughtUp(first);
  await first.stop();
  await traffic.command('order', id, 'startProcessing', {});
  const second = startProjections({ nc, pool, log });
  await caughtUp(second);
  await second.stop();
  await expectTablesLike(pool, traffic);
});

test('the same rows, whether states come from snapshots, from memory or from the log', async () => {
  await shopping(traffic, 12);
  // Side by side: of two that bring no snapshots, one is always forgotten.
  await Promise.all([traffic.buy('delivered', 40), traffic.buy('cancelled', 40)]);
  for (const projection of PROJECTIONS) {
    const { last_seq } = (await (await jetstreamManager(nc)).streams.info(projection.stream)).state;
    const reader = await StreamReader.open({ nc, stream: projection.stream, from: 1, log });
    const commits: StoredCommit[] = [];
    while (commits.length < last_seq) commits.push(...(await reader.next(100)));
    reader.close();
    const rows = async (options: { trustSnapshots: boolean; remembered?: number }): Promise<readonly unknown[]> => {
      const read = projection.reader({ eventLog: stand.eventLog, ...options });
      const all: unknown[] = [];
      for (const commit of commits) all.push(...(await read(commit)).map(({ row }) => row));
      return all;
    };
    const fromEvents = await rows({ trustSnapshots: false });
    expect(fromEvents.length).toBeGreaterThan(12);
    // With room for one, nearly every commit is of an actor that was forgotten.
    expect(await rows({ trustSnapshots: false, remembered: 1 })).toEqual(fromEvents);
    expect(await rows({ trustSnapshots: true, remembered: 1 })).toEqual(fromEvents);
  }
});

test('connections that are cut at any moment cost no row and write none twice', async () => {
  await traceWrites(pool);
  const ours = poolOf(databaseUrl, 'haat-projections');
  const projections = startProjections({ nc, pool: ours, log, batch: 5, lingerMs: 0 });
  let cuts = 0;
  let shopped = false;
  const cutting = (async () => {
    while (!shopped) {
      const { rowCount } = await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'haat-projections' and datname = current_database()`,
      );
      cuts += rowCount ?? 0;
    }
  })();
  await shopping(traffic, 40);
  // As long as it takes to be cut in the middle a few times.
  for (let more = 0; cuts <= 3 && more < 20; more++) await shopping(traffic, 20);
  shopped = true;
  await cutting;
  await caughtUp(projections);
  await projections.stop();
  expect(cuts).toBeGreaterThan(3);
  await expectTablesLike(pool, traffic);
  expect(await repeatedWrites(pool)).toEqual([]);
  await ours.end();
});

test('an answer that is lost after the commit is not written again', async () => {
  await traceWrites(pool);
  let lost = 0;
  const forgetful: Pick<Pool, 'query'> = Object.create(pool, {
    query: {
      value: async (...query: Parameters<Pool['query']>) => {
        const result = await pool.query(...query);
        if (lost < 20 && lost++ % 2 === 0) throw new Error('the answer was lost');
        return result;
      },
    },
  });
  const projections = startProjections({ nc, pool: forgetful, log, batch: 4, lingerMs: 0 });
  await shopping(traffic, 12);
  await caughtUp(projections);
  await projections.stop();
  expect(lost).toBe(20);
  await expectTablesLike(pool, traffic);
  expect(await repeatedWrites(pool)).toEqual([]);
});

test('two at work at once write what one would have written', async () => {
  await traceWrites(pool);
  const other = await connectNats(server.url, { name: 'other', log });
  const both = [startProjections({ nc, pool, log, batch: 3 }), startProjections({ nc: other, pool, log, batch: 7 })];
  await shopping(traffic, 40);
  for (const projections of both) await caughtUp(projections);
  await Promise.all(both.map((projections) => projections.stop()));
  await other.close();
  await expectTablesLike(pool, traffic);
  expect(await repeatedWrites(pool)).toEqual([]);
});

test('what cannot be read or written becomes a dead letter, and nothing else does', async () => {
  await shopping(traffic, 8);
  const publisher = createPublisher(nc);
  await publisher.publish('order.7.ord_garbage', 'this is no commit');
  // PostgreSQL has no place for the character 0 in a text.
  const bad = { type: 'PaymentOpened', orderId: 'ord_\u0000', userId: 'usr_1', amount: 1, method: 'upi', gateway: 'g' };
  const entry = { commandId: 'c', command: 'open', at: 1, events: [bad] };
  await publisher.publish('payment.9.pay_bad', JSON.stringify({ f: 1, from: 1, entries: [entry] }));
  await shopping(traffic, 8);
  const projections = startProjections({ nc, pool, log });
  await caughtUp(projections);
  await projections.stop();
  publisher.close();
  await expectTablesLike(pool, traffic);
  const letters: string[] = [];
  for await (const { letter } of deadLetters(nc)) letters.push(`${letter.consumer} ${letter.subject}`);
  expect(letters.sort()).toEqual(['projection-orders order.7.ord_garbage', 'projection-payments payment.9.pay_bad']);
});

test('PostgreSQL goes away and comes back: all of it is caught up', async () => {
  await using postgres = await freshPostgres();
  await migrate(postgres.url, log);
  const ours = poolOf(postgres.url, 'haat-projections');
  // This server does not wait for its disk: killed, it loses what it has acknowledged last, rows and position alike.
  await ours.query('checkpoint');
  const projections = startProjections({ nc, pool: ours, log });
  await shopping(traffic, 8);
  await caughtUp(projections);
  await postgres.kill();
  await shopping(traffic, 16);
  expect((await projections.lag()).every(({ behind }) => behind > 0)).toBe(true);
  await postgres.start();
  await caughtUp(projections);
  await projections.stop();
  await expectTablesLike(ours, traffic);
  await ours.end();
});

test('NATS is killed and comes back: it goes on from the position', async () => {
  const projections = startProjections({ nc, pool, log });
  await shopping(traffic, 8);
  await caughtUp(projections);
  await server.kill();
  await server.start();
  await eventually(() => nc.rtt().then(() => true), { withinMs: 10_000, what: 'NATS' });
  await shopping(traffic, 8);
  await caughtUp(projections);
  await projections.stop();
  await expectTablesLike(pool, traffic);
});
