/**
 * A whole Haat on servers of its own, in this process, for tests of what it promises as a system. Nodes are started as
 * production starts them; the shop is entered through HTTP, the actors through a node that hosts none.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { newLatencies, type Shop } from '../bench/shop/shopper.ts';
import { freePort } from '../brokers/launcher/servers/ports.ts';
import {
  freshDatabase,
  freshNats,
  freshPostgres,
  freshRedis,
  type TestServer,
} from '../brokers/launcher/test-servers.ts';
import { type Role, type RunningNode, startNode } from '../brokers/node.ts';
import { layFoundation, type NodeParts } from '../brokers/roles/foundation.ts';
import { type Env, readEnv } from '../config/env.ts';
import { migrate } from '../stores/postgres/migrate.ts';
import { CountingClient } from './counting-client.ts';

export const ACTOR_NODE = ['cart', 'sku', 'order', 'payment', 'checkout'] as const satisfies readonly Role[];

export type SystemOptions = {
  /** `none`: what needs no database only. `own`: one that the test may stop. Default: `shared`, a database of its own. */
  readonly postgres?: 'none' | 'shared' | 'own';
  readonly reservationSeconds?: number;
};

export type TestSystem = AsyncDisposable & {
  readonly env: Env;
  /** Set with `postgres: 'own'`. */
  readonly postgres: TestServer | undefined;
  start(roles: readonly Role[], changes?: Partial<Env>): Promise<RunningNode>;
  /** A node that calls, and hosts nothing. */
  join(): Promise<NodeParts>;
  /** The shop as its customers see it, with what became of every request. A step is not tried again. */
  enter(port?: number): Promise<Shop & { readonly api: CountingClient; readonly simulator: CountingClient }>;
};

const log = pino({ level: 'silent' });

export async function startSystem(options: SystemOptions = {}): Promise<TestSystem> {
  const { postgres: wanted = 'shared', reservationSeconds = 600 } = options;
  /** Ended in reverse. */
  const ends: (() => Promise<void> | void)[] = [];
  const end = async (): Promise<void> => {
    for (let last = ends.pop(); last !== undefined; last = ends.pop()) await last();
  };
  const kept = <T extends AsyncDisposable>(resource: T): T => {
    ends.push(async () => resource[Symbol.asyncDispose]());
    return resource;
  };
  try {
    const dataDir = mkdtempSync(join(tmpdir(), 'haat-chaos-'));
    ends.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const nats = kept(await freshNats());
    const postgres = wanted === 'own' ? kept(await freshPostgres()) : undefined;
    const database = wanted === 'shared' ? kept(await freshDatabase()) : postgres;
    const redis = database === undefined ? undefined : kept(await freshRedis());
    if (database !== undefined) await migrate(database.url, log);
    const env = readEnv({
      NATS_URL: nats.url,
      ...(database === undefined ? {} : { DATABASE_URL: database.url }),
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
      DATA_DIR: dataDir,
      PORT: `${await freePort()}`,
      SIMULATOR_PORT: `${await freePort()}`,
      RATE_LIMIT_FACTOR: '100000',
      RESERVATION_SECONDS: `${reservationSeconds}`,
    });
    return {
      env,
      postgres,
      async start(roles, changes = {}) {
        const node = await startNode({ roles, env: { ...env, ...changes }, log });
        ends.push(() => node.stop());
        return node;
      },
      async join() {
        const nodeId = `caller-${ends.length}`;
        return layFoundation({ env, log, nodeId, kinds: [], onStop: (close) => void ends.push(close) });
      },
      async enter(port = env.port) {
        const api = new CountingClient(`http://127.0.0.1:${port}`, 256);
        const simulator = new CountingClient(`http://127.0.0.1:${env.simulatorPort}`, 64);
        ends.push(() => {
          api.close();
          simulator.close();
        });
        return { api, simulator, latencies: newLatencies(), patienceMs: 0 };
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
