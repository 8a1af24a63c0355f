/**
 * What an actor is after a commit, for readers that see every commit in the order of its stream: from the snapshot in
 * the commit, else by `evolve` from what is remembered, else from the actor's own history in the log.
 */
import { type CommitRecord, SNAPSHOT_HEADER, type StoredEvent } from '../../actors/runtime/commit.ts';
import { decodeCommit } from '../../actors/runtime/commit-encoding.ts';
import type { ActorKind, Contract, DomainEvent } from '../../actors/runtime/kind.ts';
import { parseActorSubject, streamOf } from '../../config/subjects.ts';
import { Lru } from '../lru.ts';
import type { Committed, ReaderOptions, StoredCommit } from './projection.ts';

/** No second attempt will read it either. */
export class CommitUnreadable extends Error {
  readonly code = 'commit-unreadable';
  readonly retryable = false;
  constructor(commit: Pick<StoredCommit, 'subject' | 'sequence'>, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${commit.subject} at ${commit.sequence}: ${reason}`, { cause });
    this.name = 'CommitUnreadable';
  }
}

/** The commits before this one cannot all be read: a replica that lags, or a history that was cut. */
export class HistoryGap extends Error {
  readonly code = 'history-gap';
  readonly retryable = true;
  constructor(subject: string, version: number) {
    super(`${subject}: no event ${version}`);
    this.name = 'HistoryGap';
  }
}

export type ProjectedKind<S, E extends DomainEvent> = Pick<
  ActorKind<string, Contract, S, E, unknown>,
  'name' | 'stateVersion' | 'initial' | 'evolve' | 'upcast'
>;

type Known<S> = { readonly state: S; readonly version: number };

export class ActorStates<S, E extends DomainEvent> {
  readonly #kind: ProjectedKind<S, E>;
  readonly #options: ReaderOptions;
  readonly #remembered: Lru<string, Known<S>>;

  constructor(kind: ProjectedKind<S, E>, options: ReaderOptions) {
    this.#kind = kind;
    this.#options = options;
    this.#remembered = new Lru(options.remembered ?? 10_000);
  }

  /**
   * undefined: a commit without entries, which a runtime in doubt of its last append put in that one's place; nothing
   * has happened in it. Rejects with CommitUnreadable, HistoryGap, or the log's own failure.
   */
  async after(commit: StoredCommit): Promise<Committed<S, E> | undefined> {
    const record = decoded(commit);
    const id = parseActorSubject(commit.subject)?.id;
    const last = record.entries.at(-1);
    if (id === undefined) throw new CommitUnreadable(commit, 'no commit of an actor');
    if (last === undefined) return undefined;
    try {
      const events = this.#eventsOf(record);
      const known = this.#fromSnapshot(record) ?? this.#fold(await this.#before(commit, id, record), record, commit);
      // What had to be folded is needed again for the next commit; a snapshot brings its own.
      if (record.snapshot === undefined || !this.#options.trustSnapshots) this.#remembered.set(id, known);
      return { id, events, state: known.state, version: known.version, at: last.at };
    } catch (error) {
      if (error instanceof Error && 'retryable' in error && error.retryable === true) throw error;
      throw new CommitUnreadable(commit, error);
    }
  }

  #fromSnapshot(record: CommitRecord): Known<S> | undefined {
    const { snapshot } = record;
    if (!this.#options.trustSnapshots || snapshot?.v !== this.#kind.stateVersion) return undefined;
    return { state: snapshot.state as S, version: versionAfter(record) };
  }

  async #before(commit: StoredCommit, id: string, record: CommitRecord): Promise<Known<S>> {
    const remembered = this.#remembered.get(id);
    // Taken out: `evolve` may change it in place, and if it throws, what is left of it is nobody's state.
    this.#remembered.delete(id);
    if (remembered?.version === record.from - 1) return remembered;
    const unborn = { state: this.#kind.initial(id), version: 0 };
    if (record.from === 1) return unborn;
    const pointer = this.#options.trustSnapshots ? Number(commit.header(SNAPSHOT_HEADER) ?? 0) : 0;
    if (pointer > 0) {
      const [base, ...later] = await this.#history(commit, pointer);
      const known = base === undefined ? undefined : this.#fromSnapshot(decoded(base));
      // Else it was written by code with another shape of state: from the very first event, then.
      if (known !== undefined) return this.#foldAll(known, later);
    }
    return this.#foldAll(unborn, await this.#history(commit, 0));
  }

  async #history(commit: StoredCommit, from: number): Promise<readonly StoredCommit[]> {
    const messages = await this.#options.eventLog.read(streamOf(this.#kind.name), commit.subject, from);
    return messages.filter(({ sequence }) => sequence < commit.sequence);
  }

  #foldAll(known: Known<S>, commits: readonly StoredCommit[]): Known<S> {
    return commits.reduce((before, commit) => this.#fold(before, decoded(commit), commit), known);
  }

  #fold({ state, version }: Known<S>, record: CommitRecord, { subject }: StoredCommit): Known<S> {
    if (record.from !== version + 1) throw new HistoryGap(subject, version + 1);
    let next = state;
    let at = version;
    for (const entry of record.entries) {
      for (const stored of entry.events) {
        at += 1;
        next = this.#kind.evolve(next, this.#event(stored), { at: entry.at, version: at });
      }
    }
    return { state: next, version: at };
  }

  #eventsOf({ entries }: CommitRecord): Committed<S, E>['events'] {
    return entries.flatMap(({ events, at }) => events.map((stored) => ({ event: this.#event(stored), at })));
  }

  #event(stored: StoredEvent): E {
    return this.#kind.upcast === undefined ? (stored as DomainEvent as E) : this.#kind.upcast(stored);
  }
}

const versionAfter = ({ from, entries }: CommitRecord): number =>
  entries.reduce((version, { events }) => version + events.length, from - 1);

function decoded(commit: StoredCommit): CommitRecord {
  try {
    return decodeCommit(commit.data);
  } catch (cause) {
    throw new CommitUnreadable(commit, cause);
  }
}
