/** The three servers that Haat needs, as it runs them itself, in one data folder. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from '../../../config/env.ts';
import { findNatsServer, findPostgres, findRedis } from './binaries.ts';
import type { RunningServer } from './child.ts';
import { startNats } from './nats.ts';
import { freePort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

export type ServerUrls = { readonly NATS_URL: string; readonly DATABASE_URL: string; readonly REDIS_URL: string };

export type OwnServer = {
  readonly name: string;
  /** Set, it names a server to use instead. */
  readonly variable: keyof ServerUrls;
  /**
   * Finds or fetches the program and settles the port, `lastPort` if it is free: every later start of this run uses the
   * same one, since clients reconnect to it.
   */
  readonly prepare: (
    say: (what: string) => void,
    lastPort: number | undefined,
  ) => Promise<() => Promise<RunningServer>>;
};

export function ownServers(env: Env): readonly [OwnServer, OwnServer, OwnServer] {
  const places = { bin: env.binDir, path: env.path };
  const folder = (name: string): string => {
    const dir = join(env.dataDir, name);
    mkdirSync(dir, { recursive: true });
    return dir;
  };
  return [
    {
      name: 'nats-server',
      variable: 'NATS_URL',
      prepare: async (say, lastPort) => {
        const { binary } = await findNatsServer(places, say);
        const port = await freePort(lastPort);
        return () => startNats({ binary, dir: folder('nats'), port });
      },
    },
    {
      name: 'postgres',
      variable: 'DATABASE_URL',
      prepare: async (_say, lastPort) => {
        const bin = findPostgres();
        const port = await freePort(lastPort);
        // It may have to run as another account, which must come through.
        chmodSync(env.dataDir, 0o755);
        return () => startPostgres({ bin, dir: folder('postgres'), port, password: env.postgresPassword });
      },
    },
    {
      name: 'redis',
      variable: 'REDIS_URL',
      prepare: async (say, lastPort) => {
        const program = await findRedis(places, say);
        const port = await freePort(lastPort);
        return () => startRedis({ ...program, dir: folder('redis'), port });
      },
    },
  ];
}
