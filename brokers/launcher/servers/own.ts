/** The servers that Haat needs, as it runs them itself, in one data folder. */
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from '../../../config/env.ts';
import { CannotStart } from '../cannot-start.ts';
import { findNatsServer, findPostgres, findRedis, type Places } from './binaries.ts';
import type { RunningServer } from './child.ts';
import { startNats } from './nats.ts';
import { freePort, freePorts } from './ports.ts';
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

export function ownServers(env: Env): readonly OwnServer[] {
  const places = { bin: env.binDir, path: env.path };
  const folder = (name: string): string => {
    const dir = join(env.dataDir, name);
    mkdirSync(dir, { recursive: true });
    return dir;
  };
  return [
    ...natsServers(env, places, folder),
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

/** One; for streams that are kept several times, as many as there are copies. */
function natsServers(
  { dataDir, streamReplicas, natsSyncInterval: syncInterval }: Env,
  places: Places,
  folder: (name: string) => string,
): readonly OwnServer[] {
  const several = streamReplicas > 1;
  const numbers = Array.from({ length: streamReplicas }, (_, n) => n + 1);
  let ports: Promise<readonly number[]> | undefined;
  // Settled together, when the first is prepared: each must know all.
  const routePorts = (): Promise<readonly number[]> => (ports ??= freePorts(streamReplicas));
  return numbers.map((number) => ({
    name: several ? `nats-server-${number}` : 'nats-server',
    variable: 'NATS_URL',
    prepare: async (say, lastPort) => {
      refuseOtherStreams(dataDir, several);
      const { binary } = await findNatsServer(places, say);
      const port = await freePort(lastPort);
      if (!several) return () => startNats({ binary, dir: folder('nats'), port, syncInterval });
      const all = await routePorts();
      const routePort = all[number - 1];
      if (routePort === undefined) throw new Error(`no port for the routes of nats-server-${number}`);
      const cluster = { serverName: `haat-${number}`, routePort, routePorts: all };
      return () => startNats({ binary, dir: folder(`nats-${number}`), port, syncInterval, cluster });
    },
  }));
}

/** What was sold is in the folder of the other way to run: a start without it would look like a shop that lost all. */
function refuseOtherStreams(dataDir: string, several: boolean): void {
  const other = join(dataDir, several ? 'nats' : 'nats-1', 'store');
  if (!existsSync(other)) return;
  throw new CannotStart(
    several
      ? `The streams in ${dataDir} are on one server: STREAM_REPLICAS must be 1 there. Choose another DATA_DIR, or restore a backup into the cluster.`
      : `The streams in ${dataDir} are on a cluster: set STREAM_REPLICAS as it was, or choose another DATA_DIR.`,
  );
}
