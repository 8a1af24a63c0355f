/** A stream from its first message into a set of empty tables, step by step up to wherever the caller needs it. */
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import type { EventLog } from '../../event-log.ts';
import type { Queryable } from '../../postgres/pool.ts';
import { StreamBroken, StreamReader } from '../live/stream-reader.ts';
import type { Projection, StoredCommit } from '../projection.ts';
import { Projector, positionOf } from '../projector.ts';

export type Skipped = { readonly subject: string; readonly sequence: number; readonly reason: string };

export type ReplayOptions = {
  readonly projection: Projection;
  readonly nc: NatsConnection;
  readonly eventLog: Pick<EventLog, 'read'>;
  /** Of the empty tables. */
  readonly pool: Queryable;
  readonly onProgress: (position: number) => void;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly signal: AbortSignal;
};

const BATCH = 2_000;
const ROOM = 8_000;
/** Actors in the middle of their history, remembered so that each commit is folded once. */
const REMEMBERED = 100_000;

export class Replay {
  readonly #options: ReplayOptions;
  readonly #projector: Projector;
  readonly skipped: Skipped[] = [];
  #reader: StreamReader | undefined;
  /** Read, and beyond what was asked for so far. */
  #rest: readonly StoredCommit[] = [];

  static async begin(options: ReplayOptions): Promise<Replay> {
    return new Replay(options, await positionOf(options.pool, options.projection.name));
  }

  private constructor(options: ReplayOptions, position: number) {
    const { projection, eventLog, pool, log, signal } = options;
    this.#options = options;
    // From events alone: what a snapshot got wrong is not carried on.
    const read = projection.reader({ eventLog, trustSnapshots: false, remembered: REMEMBERED });
    const onPoison = async ({ subject, sequence }: StoredCommit, error: unknown): Promise<void> => {
      this.skipped.push({ subject, sequence, reason: error instanceof Error ? error.message : String(error) });
    };
    this.#projector = new Projector({ projection, read, pool, position, onPoison, log, signal });
  }

  get position(): number {
    return this.#projector.position;
  }

  /** Every commit up to and with `sequence`, which must be there, and none after it. */
  async upTo(sequence: number): Promise<void> {
    while (this.position < sequence) {
      const commits = this.#rest.length > 0 ? this.#rest : await this.#next();
      const wanted = commits.filter((commit) => commit.sequence <= sequence);
      this.#rest = commits.slice(wanted.length);
      await this.#projector.apply(wanted);
      this.#options.onProgress(this.position);
    }
  }

  stop(): void {
    this.#reader?.close();
  }

  async #next(): Promise<readonly StoredCommit[]> {
    const { nc, projection, log, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      this.#reader ??= await StreamReader.open({
        nc,
        stream: projection.stream,
        from: this.position + 1,
        log,
        room: ROOM,
      });
      try {
        return await this.#reader.next(BATCH);
      } catch (error) {
        if (!(error instanceof StreamBroken)) throw error;
        log.warn({ event: 'rebuild-interrupted', projection: projection.name, err: error });
        this.#reader.close();
        this.#reader = undefined;
      }
    }
  }
}
