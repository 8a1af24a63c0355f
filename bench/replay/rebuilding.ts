/** The real `rebuild`, of streams full of real orders that were copied under other ids. */
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { Client } from 'pg';
import { pino } from 'pino';
import { prepareDatabase } from '../../brokers/launcher/prepare.ts';
import { findPostgres } from '../../brokers/launcher/servers/binaries.ts';
import { startPostgres } from '../../brokers/launcher/servers/postgres.ts';
import { orders } from '../../stores/projections/orders.ts';
import { payments } from '../../stores/projections/payments.ts';
import { rebuild } from '../../stores/projections/rebuild/rebuild.ts';
import type { Bench } from '../case.ts';
import { cpuBelow } from '../cpu.ts';
import { copies, type History, numbered } from '../seed/histories.ts';
import { startLogServer } from '../seed/log-server.ts';

export type Rebuilding = {
  readonly projection: string;
  readonly events: number;
  readonly eventsPerSecond: number;
  /** CPU microseconds an event: the rebuilding process, and PostgreSQL. */
  readonly clientMicros: number;
  readonly postgresMicros: number;
};

export type Bought = { readonly order: History; readonly payment: History };

async function rowsOf(databaseUrl: string, table: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ n: string }>(`select count(*) as n from ${table}`);
  await client.end();
  return Number(rows[0]?.n);
}

export async function measureRebuilding(
  { quick, runs, say }: Bench,
  dir: string,
  { order, payment }: Bought,
): Promise<readonly Rebuilding[]> {
  const count = quick ? 10_000 : 100_000;
  const server = await startLogServer(join(dir, 'nats'), say);
  const database = await startPostgres({ bin: findPostgres(), dir: join(dir, 'postgres'), password: 'bench-only' });
  try {
    await prepareDatabase(database.url, { logLevel: 'warn' });
    const orderOf = (n: number): string => numbered('ord', n);
    const paymentOf = (n: number): string => numbered('pay', n);
    await copies(server.log, order, count, orderOf, (n) => [[payment.id, paymentOf(n)]]);
    await copies(server.log, payment, count, paymentOf, (n) => [[order.id, orderOf(n)]]);
    const { streams } = await jetstreamManager(server.nc);
    const measured: Rebuilding[] = [];
    for (const [projection, { events, commits }] of [
      [orders, order],
      [payments, payment],
    ] as const) {
      const { messages } = (await streams.info(projection.stream)).state;
      if (messages !== count * commits.length) throw new Error(`${projection.stream} holds ${messages} commits`);
      for (let n = 1; n <= runs; n++) {
        const cpu = process.cpuUsage();
        const used = cpuBelow(database.pid);
        const began = performance.now();
        const rebuilt = await rebuild({
          projection,
          nc: server.nc,
          databaseUrl: database.url,
          check: false,
          log: pino({ level: 'warn' }),
        });
        const seconds = (performance.now() - began) / 1000;
        if (rebuilt.skipped.length > 0) throw new Error(`passed over: ${JSON.stringify(rebuilt.skipped[0])}`);
        const written = await rowsOf(database.url, projection.name);
        if (written !== count) throw new Error(`${projection.name}: ${written} rows of ${count}`);
        const all = events * count;
        const { user, system } = process.cpuUsage(cpu);
        measured.push({
          projection: projection.name,
          events: all,
          eventsPerSecond: all / seconds,
          clientMicros: (user + system) / all,
          postgresMicros: ((cpuBelow(database.pid) - used) * 1000) / all,
        });
        say(`rebuild ${projection.name}, run ${n}: ${all.toLocaleString('en')} events in ${seconds.toFixed(1)} s`);
      }
    }
    return measured;
  } finally {
    await database.stop();
    await server.stop();
  }
}
