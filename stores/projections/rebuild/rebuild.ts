/**
 * A projection made anew from its stream, beside the live one, which goes on. In the end it takes its place, in one
 * short transaction and from the right position; or, with `check`, the two are compared row for row and nothing changes.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import pg from 'pg';
import type { Logger } from 'pino';
import { createJetStreamEventLog } from '../../nats/jetstream-event-log.ts';
import { connectionConfig, createPool } from '../../postgres/pool.ts';
import type { Projection } from '../projection.ts';
import { compareTables, type Difference } from './compare.ts';
import { Replay, type Skipped } from './replay.ts';
import { dropShadow, inTransaction, livePosition, makeShadow, shadowUrl, swap } from './table-set.ts';

export type RebuildOptions = {
  readonly projection: Projection;
  readonly nc: NatsConnection;
  readonly databaseUrl: string;
  readonly check: boolean;
  readonly onProgress?: (position: number, target: number) => void;
  readonly onDifference?: (difference: Difference) => void;
  readonly log: Logger;
  readonly signal?: AbortSignal;
};

export type Rebuilt = {
  /** Of the last commit in the tables. */
  readonly position: number;
  /** Commits that cannot be read or written, and were passed over. */
  readonly skipped: readonly Skipped[];
  readonly rows: number;
  readonly differences: number;
  /** How long live writes waited for the swap. */
  readonly heldMs: number;
};

export class RebuildRunning extends Error {
  readonly code = 'rebuild-running';
  constructor(projection: string) {
    super(`another rebuild of ${projection} is running`);
    this.name = 'RebuildRunning';
  }
}

/** With the projection's name: one rebuild of each at a time. */
const LOCK = 7_481_003;
/** Near enough: the rest is replayed while live writes wait. */
const NEAR = 500;
const SWAP_TRIES = 5;
const LOCK_NOT_AVAILABLE = '55P03';

export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { projection, nc, databaseUrl, check, onProgress, log, signal = new AbortController().signal } = options;
  const client = await connected(databaseUrl, log);
  const pool = createPool({
    databaseUrl: shadowUrl(databaseUrl, projection),
    applicationName: 'haat-rebuild',
    log,
    max: 2,
    statementTimeoutMs: 60_000,
  });
  const eventLog = createJetStreamEventLog(nc);
  let replay: Replay | undefined;
  try {
    await claim(client, projection);
    await makeShadow(client, projection);
    const { streams } = await jetstreamManager(nc);
    const last = async (): Promise<number> => (await streams.info(projection.stream)).state.last_seq;
    // To be compared, the two must stand at the same place; to take over, the new one may be ahead.
    const target = check ? () => livePosition(client, projection) : last;
    let goal = await target();
    replay = await Replay.begin({
      projection,
      nc,
      eventLog,
      pool,
      log,
      signal,
      onProgress: (position) => onProgress?.(position, goal),
    });
    for (; replay.position + NEAR < goal; goal = await target()) await replay.upTo(goal);
    const done = check
      ? await compareWithLive(options, client, replay, pool)
      : await takeOver(client, projection, replay, last);
    return { position: replay.position, skipped: replay.skipped, ...done };
  } finally {
    replay?.stop();
    await eventLog.close();
    await pool.end();
    await dropShadow(client, projection).catch((err: unknown) => log.warn({ event: 'rebuild-left-behind', err }));
    await client.end();
  }
}

async function connected(databaseUrl: string, log: Logger): Promise<pg.Client> {
  const client = new pg.Client({ ...connectionConfig(databaseUrl, 'haat-rebuild'), connectionTimeoutMillis: 10_000 });
  // The query that runs rejects; without a listener this would end the process.
  client.on('error', (error) => log.warn({ event: 'postgres-connection-lost', error: error.message }));
  await client.connect();
  return client;
}

async function claim(client: pg.ClientBase, { name }: Projection): Promise<void> {
  const { rows } = await client.query<{ ours: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as ours', [
    LOCK,
    name,
  ]);
  if (rows[0]?.ours !== true) throw new RebuildRunning(name);
}

type Done = Pick<Rebuilt, 'rows' | 'differences' | 'heldMs'>;

async function takeOver(
  client: pg.ClientBase,
  projection: Projection,
  replay: Replay,
  last: () => Promise<number>,
): Promise<Done> {
  for (let tries = 1; ; tries++) {
    await replay.upTo(await last());
    const began = performance.now();
    try {
      await swap(client, projection, async (live) => {
        // A stream that was lost and begun anew is behind its old position: what is there now is what counts.
        await replay.upTo(Math.min(live, await last()));
        return replay.position;
      });
      return { rows: 0, differences: 0, heldMs: performance.now() - began };
    } catch (error) {
      const busy = error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE;
      if (!busy || tries === SWAP_TRIES) throw error;
    }
  }
}

async function compareWithLive(
  { projection, onDifference }: RebuildOptions,
  client: pg.ClientBase,
  replay: Replay,
  pool: ReturnType<typeof createPool>,
): Promise<Done> {
  const rebuilt = await pool.connect();
  try {
    // One snapshot of position and rows: live writes go on meanwhile.
    return await inTransaction(client, 'begin isolation level repeatable read read only', async () => {
      await replay.upTo(await livePosition(client, projection));
      let differences = 0;
      const compare = () =>
        compareTables(projection, client, rebuilt, (difference) => {
          differences += 1;
          onDifference?.(difference);
        });
      const rows = await inTransaction(rebuilt, 'begin isolation level repeatable read read only', compare);
      return { rows, differences, heldMs: 0 };
    });
  } finally {
    rebuilt.release();
  }
}
