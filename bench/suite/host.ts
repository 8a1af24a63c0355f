/** What the figures were measured on: the machine and the servers' versions. */
import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findNatsServer, findPostgres, findRedis } from '../../brokers/launcher/servers/binaries.ts';
import { folders } from '../../config/env.ts';

export type Host = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Of the last minute, before the bench began: more than a fraction of a core is somebody else's work. */
  readonly loadBefore: number;
  readonly node: string;
  readonly nats: string;
  readonly postgres: string;
  readonly redis: string;
};

/** Fetches servers that are not here yet, as `npm start` does. */
export async function describeHost(say: (text: string) => void): Promise<Host> {
  const places = folders();
  const [nats, redis, postgres] = await Promise.all([
    findNatsServer(places, say),
    findRedis(places, say),
    promisify(execFile)(join(findPostgres(), 'postgres'), ['--version'], { timeout: 5_000 }),
  ]);
  const [first] = cpus();
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    node: process.versions.node,
    nats: nats.version,
    postgres: /\d+(\.\d+)*/.exec(postgres.stdout)?.[0] ?? 'unknown',
    redis: redis.version,
  };
}

export const hostLines = (host: Host): readonly string[] => [
  `${host.cores} cores (${host.cpu}), ${host.memoryGiB} GiB, ${host.system}; load before: ${host.loadBefore}`,
  `Node ${host.node}, nats-server ${host.nats}, PostgreSQL ${host.postgres}, Redis ${host.redis}`,
];
