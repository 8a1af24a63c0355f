/**
 * Keeps one projection current: reads its stream from the position on, applies what has come in batches, and begins
 * anew from the position after whatever went wrong. Several may run at once; the position lets only one of them write.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import type { Tap } from '../../../brokers/reactors/commit-feed.ts';
import type { EventLog } from '../../event-log.ts';
import type { Queryable } from '../../postgres/pool.ts';
import { PositionMoved } from '../batch-writer.ts';
import type { Projection, StoredCommit } from '../projection.ts';
import { Projector, positionOf } from '../projector.ts';
import { StreamReader } from './stream-reader.ts';

export type FollowerOptions = {
  readonly projection: Projection;
  readonly nc: NatsConnection;
  readonly eventLog: Pick<EventLog, 'read'>;
  readonly pool: Queryable;
  readonly onPoison: (commit: StoredCommit, error: unknown) => Promise<void>;
  readonly onApplied: (commits: number) => void;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Commits in one transaction at most. */
  readonly batch: number;
  /** How long a batch is waited for while commits come thick and fast. */
  readonly lingerMs: number;
  readonly tap?: Tap<StoredCommit>;
};

/** So many at once is load: the next batch may fill up before it is written. */
const LOAD = 8;
/** Another one is at work: it goes first. */
const GIVE_WAY_MS = 500;
const BACKOFF_MS = { first: 100, most: 5_000 };

export class Follower {
  readonly #options: FollowerOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #position = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Of the last commit applied, as far as this follower knows. */
  get position(): number {
    return this.#position;
  }

  /** Resolves when the batch at hand is written, or its wait is over. */
  stop(): Promise<void> {
    this.#options.tap?.close();
    this.#stopping.abort();
    return this.#running;
  }

  async #run(): Promise<void> {
    const { projection, log } = this.#options;
    const { signal } = this.#stopping;
    let backoff = BACKOFF_MS.first;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (performance.now() - began > BACKOFF_MS.most) backoff = BACKOFF_MS.first;
        const moved = error instanceof PositionMoved;
        const ms = (moved ? GIVE_WAY_MS : backoff) * (0.5 + Math.random());
        log.warn({
          event: 'projection-interrupted',
          projection: projection.name,
          retryInMs: Math.round(ms),
          err: error,
        });
        if (!moved) backoff = Math.min(backoff * 2, BACKOFF_MS.most);
        // Rejects only when told to stop.
        await delay(ms, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { projection, pool, nc, eventLog, onPoison, onApplied, log, batch: most } = this.#options;
    const position = await positionOf(pool, projection.name);
    this.#position = position;
    const read = projection.reader({ eventLog, trustSnapshots: true });
    const projector = new Projector({ projection, read, pool, position, onPoison, log, signal });
    const { tap } = this.#options;
    const from = position + 1;
    const reader = await StreamReader.open({
      nc,
      stream: projection.stream,
      from,
      log,
      ...(tap === undefined ? {} : { tap }),
    });
    const close = (): void => reader.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      signal.throwIfAborted();
      log.info({ event: 'projection-following', projection: projection.name, position });
      for (;;) {
        const commits = await this.#batch(reader, most);
        signal.throwIfAborted();
        await projector.apply(commits);
        this.#position = projector.position;
        onApplied(commits.length);
      }
    } finally {
      signal.removeEventListener('abort', close);
      reader.close();
    }
  }

  /** At once when there is little to do; under load a batch costs little more than a row. */
  async #batch(reader: StreamReader, most: number): Promise<readonly StoredCommit[]> {
    const commits = await reader.next(most);
    if (commits.length < LOAD || commits.length >= most) return commits;
    await delay(this.#options.lingerMs);
    return [...commits, ...reader.take(most - commits.length)];
  }
}
