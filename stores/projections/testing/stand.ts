/** For one test: a NATS server with the streams that are projected, a database, and traffic on them. */
import type { NatsConnection } from '@nats-io/nats-core';
import pino from 'pino';
import { eventually, freshDatabase, freshNats, type TestServer } from '../../../brokers/launcher/test-servers.ts';
import { reconcileStreams } from '../../../config/nats/reconcile.ts';
import { STREAMS } from '../../../config/streams.ts';
import type { EventLog } from '../../event-log.ts';
import { connectNats } from '../../nats/connection.ts';
import { createJetStreamEventLog } from '../../nats/jetstream-event-log.ts';
import { migrate } from '../../postgres/migrate.ts';
import { createPool, type Pool } from '../../postgres/pool.ts';
import type { Projections } from '../projections.ts';
import { FATES, Traffic } from './traffic.ts';

export const log = pino({ level: 'silent' });
const STREAM_NAMES = new Set(['SKU', 'ORDER', 'PAYMENT', 'WALLET', 'DEAD_LETTERS']);
const streams = STREAMS.filter(({ name }) => STREAM_NAMES.has(name));

export type Stand = AsyncDisposable & {
  readonly server: TestServer;
  readonly nc: NatsConnection;
  readonly eventLog: EventLog;
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly traffic: Traffic;
};

export const poolOf = (databaseUrl: string, applicationName = 'haat-test'): Pool =>
  createPool({ databaseUrl, applicationName, log, connectionTimeoutMs: 500 });

export async function freshStand(): Promise<Stand> {
  const [server, database] = await Promise.all([freshNats(), freshDatabase()]);
  await migrate(database.url, log);
  const pool = poolOf(database.url);
  const nc = await connectNats(server.url, { name: 'test', log });
  const eventLog = createJetStreamEventLog(nc);
  await reconcileStreams(nc, { replicas: 1, log, streams, consumers: [] });
  const traffic = new Traffic(eventLog);
  await traffic.stock(1_000);
  return {
    server,
    nc,
    eventLog,
    databaseUrl: database.url,
    pool,
    traffic,
    async [Symbol.asyncDispose]() {
      await eventLog.close();
      await nc.close();
      await pool.end();
      await Promise.all([server[Symbol.asyncDispose](), database[Symbol.asyncDispose]()]);
    },
  };
}

export const caughtUp = (projections: Projections): Promise<unknown> =>
  eventually(async () => (await projections.lag()).every(({ behind }) => behind === 0), {
    withinMs: 15_000,
    what: 'no lag',
  });

/** Orders of every fate, four at a time. */
export async function shopping(traffic: Traffic, orders: number): Promise<void> {
  for (let n = 0; n < orders; n += 4)
    await Promise.all([0, 1, 2, 3].map((k) => traffic.buy(FATES[(n + k) % FATES.length] ?? 'paid')));
}
