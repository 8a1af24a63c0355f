/**
 * Applies commits to PostgreSQL, exactly once in effect: rows and position move together. A commit that cannot be read
 * or written is found among the others of its batch and handed to `onPoison`; then the position passes it, so that it
 * blocks nothing. While PostgreSQL is away, waits.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Queryable } from '../postgres/pool.ts';
import { CommitUnreadable, HistoryGap } from './actor-states.ts';
import { BatchWriter, PositionMoved } from './batch-writer.ts';
import type { CommitReader, Projection, StoredCommit } from './projection.ts';
import type { Change } from './table.ts';

export type ProjectorOptions = {
  readonly projection: Projection;
  readonly read: CommitReader;
  readonly pool: Queryable;
  /** Where the projection stands: see `positionOf`. */
  readonly position: number;
  /** Told of a commit before it is passed over; called again until it resolves. */
  readonly onPoison: (commit: StoredCommit, error: unknown) => Promise<void>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Ends every wait. */
  readonly signal: AbortSignal;
};

type Readable = { readonly commit: StoredCommit; readonly changes: readonly Change[] };
type Unreadable = { readonly commit: StoredCommit; readonly error: unknown };

const BACKOFF_MS = { first: 50, most: 5_000 };
/** A replica that lags has caught up long before; what is missing then is missing for good. */
const TRIES_FOR_A_GAP = 8;

export class Projector {
  readonly #options: ProjectorOptions;
  readonly #writer: BatchWriter;
  #position: number;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#position = options.position;
    this.#writer = new BatchWriter(options.projection.name, options.projection.tables);
  }

  get position(): number {
    return this.#position;
  }

  /** In the order of the stream. Rejects with PositionMoved, or when `signal` has ended it: then open it anew. */
  async apply(commits: readonly StoredCommit[]): Promise<void> {
    let run: Readable[] = [];
    for (const commit of commits) {
      if (commit.sequence <= this.#position) continue;
      const item = await this.#read(commit);
      if ('changes' in item) {
        run.push(item);
      } else {
        await this.#write(run);
        run = [];
        await this.#pass(item);
      }
    }
    await this.#write(run);
  }

  async #read(commit: StoredCommit): Promise<Readable | Unreadable> {
    if (commit.changes !== undefined) return { commit, changes: commit.changes };
    let tries = 0;
    return this.#retrying('projection-reading', async () => {
      try {
        return { commit, changes: await this.#options.read(commit) };
      } catch (error) {
        tries += 1;
        const lost = error instanceof HistoryGap && tries >= TRIES_FOR_A_GAP;
        if (error instanceof CommitUnreadable || lost) return { commit, error };
        throw error;
      }
    });
  }

  async #write(run: readonly Readable[]): Promise<void> {
    const last = run.at(-1);
    if (last === undefined) return;
    const refused = await this.#advance(
      last.commit.sequence,
      run.flatMap(({ changes }) => changes),
    );
    if (refused === undefined) return;
    if (run.length === 1) {
      await this.#pass({ commit: last.commit, error: refused });
      return;
    }
    const half = run.length >> 1;
    await this.#write(run.slice(0, half));
    await this.#write(run.slice(half));
  }

  async #pass({ commit, error }: Unreadable): Promise<void> {
    await this.#retrying('projection-burying', () => this.#options.onPoison(commit, error));
    await this.#advance(commit.sequence, []);
  }

  /** Returns what PostgreSQL has against the rows themselves, if anything; then nothing has changed. */
  async #advance(to: number, changes: readonly Change[]): Promise<pg.DatabaseError | undefined> {
    const { pool } = this.#options;
    const refused = await this.#retrying('projection-writing', async () => {
      try {
        await this.#writer.write(pool, { from: this.#position, to }, changes);
        return undefined;
      } catch (error) {
        if (isAboutTheRows(error)) return error;
        throw error;
      }
    });
    if (refused === undefined) this.#position = to;
    return refused;
  }

  async #retrying<T>(event: string, work: () => Promise<T>): Promise<T> {
    const { projection, log, signal } = this.#options;
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (error instanceof PositionMoved) throw error;
        const ms = Math.min(BACKOFF_MS.first * 2 ** (tries - 1), BACKOFF_MS.most) * (0.5 + Math.random() / 2);
        log.warn({ event, projection: projection.name, tries, retryInMs: Math.round(ms), err: error });
        // Rejects when told to stop, which is looked at next.
        await delay(ms, undefined, { signal }).catch(() => {});
      }
    }
  }
}

/** Classes 22 (data exception) and 23 (integrity constraint violation): the same rows will be refused again. */
const isAboutTheRows = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && (error.code?.startsWith('22') === true || error.code?.startsWith('23') === true);

/** Where the projection stands: the sequence of the last commit that it has seen. */
export async function positionOf(pool: Queryable, projection: string): Promise<number> {
  const { rows } = await pool.query<{ sequence: number }>(
    `with made as (insert into projection_positions (projection, sequence) values ($1, 0) on conflict do nothing)
     select sequence from projection_positions where projection = $1`,
    [projection],
  );
  // Made just now: not to be seen yet by the same statement.
  return rows[0]?.sequence ?? 0;
}
