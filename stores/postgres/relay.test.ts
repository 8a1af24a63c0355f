import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, freshDatabase, freshNats, type TestServer } from '../../brokers/launcher/test-servers.ts';
import { connectNats } from '../nats/connection.ts';
import { createJetStreamEventLog } from '../nats/jetstream-event-log.ts';
import { createPublisher, type JetStreamPublisher } from '../nats/publisher.ts';
import { migrate } from './migrate.ts';
import { writeOutbox } from './outbox.ts';
import { createPool, inTransaction, type Pool } from './pool.ts';
import { startRelay } from './relay.ts';

const log = pino({ level: 'silent' });
let database: Awaited<ReturnType<typeof freshDatabase>>;
let server: TestServer;
let pool: Pool;
let nats: NatsConnection;
let publisher: JetStreamPublisher;

beforeAll(async () => {
  [database, server] = await Promise.all([freshDatabase(), freshNats()]);
  await migrate(database.url, log);
  pool = createPool({ databaseUrl: database.url, applicationName: 'test', log });
  nats = await connectNats(server.url, { name: 'test', log });
  publisher = createPublisher(nats, { timeoutMs: 1_000 });
});
beforeEach(async () => {
  await pool.query('truncate outbox');
  const manager = await jetstreamManager(nats);
  await manager.streams.delete('CATALOGUE').catch(() => {});
  await manager.streams.add({
    name: 'CATALOGUE',
    subjects: ['product.*', 'offer.*'],
    max_msgs_per_subject: 1,
    allow_direct: true,
  });
});
afterAll(async () => {
  publisher.close();
  await nats.close();
  await pool.end();
  await Promise.all([database[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
});

const relay = (options: Partial<Parameters<typeof startRelay>[0]> = {}) =>
  startRelay({ databaseUrl: database.url, publisher, log, ...options });
const write = (subject: string, version: number) =>
  inTransaction(pool, (client) => writeOutbox(client, [{ subject, payload: { version } }]));
const left = async () => (await pool.query<{ n: number }>('select count(*) as n from outbox')).rows[0]?.n;
const drained = () => eventually(async () => (await left()) === 0, { what: 'an empty outbox' });
const stored = async (subject: string): Promise<unknown> => {
  const message = await createJetStreamEventLog(nats).last('CATALOGUE', subject);
  return message === undefined ? undefined : JSON.parse(new TextDecoder().decode(message.data));
};

test('what a transaction wrote is published once it has committed, and only then', async () => {
  const running = relay({ pollMs: 60_000 });
  await write('product.a', 1);
  // Woken by the notice: the poll is a minute away.
  await drained();
  expect(await stored('product.a')).toEqual({ version: 1 });
  const undone = inTransaction(pool, async (client) => {
    await writeOutbox(client, [{ subject: 'product.b', payload: { version: 1 } }]);
    throw new Error('no');
  });
  await expect(undone).rejects.toThrow('no');
  await write('product.c', 1);
  await drained();
  expect(await stored('product.b')).toBeUndefined();
  await running.stop();
});

test('the last of each subject wins, over many batches', async () => {
  for (let version = 1; version <= 30; version++) {
    await inTransaction(pool, (client) =>
      writeOutbox(
        client,
        ['x', 'y', 'z'].map((id) => ({ subject: `offer.${id}`, payload: { version } })),
      ),
    );
  }
  const running = relay({ batch: 7 });
  await drained();
  await running.stop();
  for (const id of ['x', 'y', 'z']) expect(await stored(`offer.${id}`)).toEqual({ version: 30 });
});

test('a relay that ends between publishing and deleting leaves all to the next; a repeat is stored once', async () => {
  await write('product.a', 1);
  let published = 0;
  const dying = relay({
    publisher: {
      publish: async (...message) => {
        await publisher.publish(...message);
        published += 1;
        return { outcome: 'unknown', cause: 'the ack was lost' };
      },
    },
  });
  await eventually(() => published >= 2);
  await dying.stop();
  expect(await left()).toBe(1);
  const next = relay();
  await drained();
  await next.stop();
  const { state } = await (await jetstreamManager(nats)).streams.info('CATALOGUE');
  expect([state.messages, state.last_seq]).toEqual([1, 1]);
});

test('one relay at a time; the second takes over when the first ends', async () => {
  const by: string[] = [];
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = relay({
    publisher: {
      publish: async (...message) => {
        by.push('first');
        await gate;
        return publisher.publish(...message);
      },
    },
  });
  await write('offer.a', 1);
  await eventually(() => by.length === 1);
  const second = relay({
    pollMs: 20,
    publisher: {
      publish: (...message) => {
        by.push('second');
        return publisher.publish(...message);
      },
    },
  });
  // The first is in the middle of its batch; the second has asked for its turn and not got it.
  await eventually(async () => {
    const { rowCount } = await pool.query(
      `select 1 from pg_stat_activity where application_name = 'haat-relay' and state = 'idle' and query like '%try_advisory%'`,
    );
    return rowCount === 1;
  });
  expect(by).toEqual(['first']);
  release();
  await drained();
  await first.stop();
  await write('offer.a', 2);
  await drained();
  await second.stop();
  expect(by).toEqual(['first', 'second']);
});

test('a connection to PostgreSQL that is cut, and a NATS that restarts, only delay it', async () => {
  const running = relay({ pollMs: 50 });
  await write('product.a', 1);
  await drained();
  await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'haat-relay'`);
  await write('product.a', 2);
  await drained();
  await server.kill();
  await write('product.a', 3);
  await server.start();
  await eventually(async () => (await left()) === 0, { withinMs: 15_000 });
  expect(await stored('product.a')).toEqual({ version: 3 });
  await running.stop();
});
