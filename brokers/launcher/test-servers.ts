/**
 * What integration tests use. The run's shared servers: `inject('natsUrl')`, `inject('databaseUrl')`,
 * `inject('redisUrl')`. A test file that needs whole streams, or that kills its server, takes one of its own here:
 *
 *   await using nats = await freshNats();
 *   await nats.kill(); …; await nats.start();   // same port, same data
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import type { RunningServer } from './servers/child.ts';
import { type NatsOptions, startNats } from './servers/nats.ts';
import { freePort } from './servers/ports.ts';
import { startPostgres } from './servers/postgres.ts';
import { startRedis } from './servers/redis.ts';

export { eventually } from './eventually.ts';

export type TestServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** In its own orderly way. Data stays. */
  stop(): Promise<void>;
  /** SIGKILL. Data stays as it is. */
  kill(): Promise<void>;
  /** Again, on the same port and data. */
  start(): Promise<void>;
};

/** A nats-server with JetStream for one test file (about 50 ms). */
export const freshNats = (options: Pick<NatsOptions, 'syncInterval'> = {}): Promise<TestServer> =>
  testServer('nats', (dir, port) => startNats({ binary: inject('serverPrograms').nats, dir, port, ...options }));

/** A PostgreSQL for tests that stop it (about 1 s). Otherwise `freshDatabase` is the cheaper one. */
export const freshPostgres = (): Promise<TestServer> =>
  testServer('postgres', (dir, port) =>
    startPostgres({ bin: inject('serverPrograms').postgres, dir, port, password: 'haat', throwaway: true }),
  );

/** A Redis for tests that stop it. */
export const freshRedis = (): Promise<TestServer> => {
  const { redis, redisLibraries } = inject('serverPrograms');
  const libraries = redisLibraries === undefined ? {} : { libraryPath: redisLibraries };
  return testServer('redis', (dir, port) => startRedis({ binary: redis, ...libraries, dir, port }));
};

/** An empty database on the run's PostgreSQL, dropped on disposal. */
export async function freshDatabase(): Promise<AsyncDisposable & { readonly url: string }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const shared = new URL(inject('databaseUrl'));
  const asAdmin = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: shared.href });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await asAdmin(`create database ${name}`);
  const url = new URL(shared);
  url.pathname = `/${name}`;
  return { url: url.href, [Symbol.asyncDispose]: () => asAdmin(`drop database if exists ${name} with (force)`) };
}

async function testServer(
  name: string,
  launch: (dir: string, port: number) => Promise<RunningServer>,
): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), `haat-test-${name}-`));
  chmodSync(dir, 0o755);
  const port = await freePort();
  let server = await launch(dir, port);
  return {
    url: server.url,
    port,
    stop: () => server.stop(),
    kill: () => server.kill(),
    start: async () => {
      await server.stop();
      server = await launch(dir, port);
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
