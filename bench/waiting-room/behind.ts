/** What happens behind the gateway: counted at NATS, in PostgreSQL and Redis, and in CPU time of their processes. */
import { readFileSync } from 'node:fs';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { cpuByProcess, processesBelow, spent } from '../cpu.ts';

export type Second = {
  /** Of each a second. Calls to actors, and commits to streams of actors. */
  readonly actors: number;
  readonly nats: number;
  readonly postgres: number;
  readonly redis: number;
  /** CPU milliseconds a second, by process. */
  readonly cpu: ReadonlyMap<string, number>;
};

const ACTORS = /^(MOL\.(REQ|RES)\.|(cart|sku|order|payment|sale)\.)/;
/** Without it, PostgreSQL tells what it had counted a while ago. */
const TRANSACTIONS = `select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()`;

export class Behind {
  readonly #parts: {
    readonly nc: NatsConnection;
    readonly database: Client;
    readonly redis: Redis;
    /** The launcher, and gateways that it does not know. */
    readonly pids: readonly number[];
  };
  #messages = 0;
  #ofActors = 0;

  constructor(parts: { nc: NatsConnection; database: Client; redis: Redis; pids: readonly number[] }) {
    this.#parts = parts;
    parts.nc.subscribe('>', {
      callback: (_, { subject }) => {
        this.#messages += 1;
        if (ACTORS.test(subject)) this.#ofActors += 1;
      },
    });
  }

  async during(seconds: number): Promise<Second> {
    const before = await this.#look();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const after = await this.#look();
    const rate = (of: (seen: typeof before) => number): number => (of(after) - of(before)) / seconds;
    return {
      actors: rate(({ actors }) => actors),
      nats: rate(({ nats }) => nats),
      postgres: rate(({ postgres }) => postgres),
      redis: rate(({ redis }) => redis),
      cpu: new Map([...spent(before.cpu, after.cpu)].map(([name, ms]) => [name, ms / seconds])),
    };
  }

  async #look() {
    const { database, redis, pids } = this.#parts;
    await database.query('select pg_stat_clear_snapshot()');
    const { rows } = await database.query<{ count: string }>(TRANSACTIONS);
    const info = await redis.info('stats');
    return {
      actors: this.#ofActors,
      nats: this.#messages,
      postgres: Number(rows[0]?.count),
      redis: Number(/total_commands_processed:(\d+)/.exec(info)?.[1]),
      cpu: cpuByProcess(...pids),
    };
  }
}

/** The gateway's process, below the launcher. */
export const gatewayBelow = (launcher: number): number => {
  const found = processesBelow(launcher).find(({ label }) => label === 'gateway');
  if (found === undefined) throw new Error('no process of the gateway alone: LAYOUT=apart');
  return found.pid;
};

/** Of all of them together. */
export const residentMiB = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]), 0) /
  1_024;
