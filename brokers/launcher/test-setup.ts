/** Vitest's global setup: the servers that all test files of a run share. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { folders } from '../../config/env.ts';
import { findNatsServer, findPostgres, findRedis } from './servers/binaries.ts';
import { startNats } from './servers/nats.ts';
import { startPostgres } from './servers/postgres.ts';
import { startRedis } from './servers/redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly natsUrl: string;
    readonly databaseUrl: string;
    readonly redisUrl: string;
    /** For servers that one test file has to itself (`test-servers.ts`). */
    readonly serverPrograms: {
      readonly nats: string;
      readonly postgres: string;
      readonly redis: string;
      readonly redisLibraries: string | undefined;
    };
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const places = folders();
  const say = (what: string): void => project.vitest.logger.log(`  servers: ${what}`);
  const [nats, redis] = await Promise.all([findNatsServer(places, say), findRedis(places, say)]);
  const postgres = findPostgres();
  const dir = mkdtempSync(join(tmpdir(), 'haat-test-'));
  // PostgreSQL may run as another account and must come through.
  chmodSync(dir, 0o755);
  const started = await Promise.allSettled([
    startNats({ binary: nats.binary, dir: join(dir, 'nats') }),
    startPostgres({ bin: postgres, dir: join(dir, 'postgres'), password: 'haat', throwaway: true }),
    startRedis({ ...redis, dir: join(dir, 'redis') }),
  ]);
  const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
    rmSync(dir, { recursive: true, force: true });
  };
  const [natsServer, postgresServer, redisServer] = started;
  if (natsServer.status === 'rejected' || postgresServer.status === 'rejected' || redisServer.status === 'rejected') {
    await stop();
    throw started.find((result) => result.status === 'rejected')?.reason;
  }
  project.provide('natsUrl', natsServer.value.url);
  project.provide('databaseUrl', postgresServer.value.url);
  project.provide('redisUrl', redisServer.value.url);
  project.provide('serverPrograms', {
    nats: nats.binary,
    postgres,
    redis: redis.binary,
    redisLibraries: redis.libraryPath,
  });
  return stop;
}
