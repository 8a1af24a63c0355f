/**
 * A projection: rows of PostgreSQL that follow from one kind's events. It says which tables it keeps and, as a pure
 * function, which rows a commit writes; everything else (reading the stream, batches, positions, repeats, poison,
 * rebuilding) is done once for all of them.
 *
 * Rows come from the actor's state after the commit, made by the kind's own `evolve`: what an event means is said in
 * one place only, and of several rows of one key the last is the right one.
 */
import type { Instant } from '../../actors/ids.ts';
import type { LiveCommit } from '../../actors/runtime/commit.ts';
import type { DomainEvent } from '../../actors/runtime/kind.ts';
import { streamOf } from '../../config/subjects.ts';
import type { EventLog, LogMessage } from '../event-log.ts';
import { ActorStates, type ProjectedKind } from './actor-states.ts';
import type { Change, Table } from './table.ts';

/** A commit as its stream holds it. */
export type StoredCommit = Omit<LogMessage, 'time'> & {
  /** Known already: see `Projection.live`. */
  readonly changes?: readonly Change[];
};

/** A commit, decoded, and what the actor was after it. `state` is lent: rows are made from it, it is not kept. */
export type Committed<S, E> = {
  readonly id: string;
  readonly events: readonly { readonly event: E; readonly at: Instant }[];
  readonly state: S;
  /** Of the last event. */
  readonly version: number;
  readonly at: Instant;
};

/** Reads commits in the order of their stream. Rejects with what is wrong with the commit, or with the log. */
export type CommitReader = (commit: StoredCommit) => Promise<readonly Change[]>;

export type ReaderOptions = {
  readonly eventLog: Pick<EventLog, 'read'>;
  /** True: what an actor was is taken from the snapshot in the commit. False: from its events alone. */
  readonly trustSnapshots: boolean;
  /** Actors remembered at most. Default 10,000. */
  readonly remembered?: number;
};

export type Projection = {
  readonly name: string;
  readonly stream: string;
  readonly kind: string;
  readonly tables: readonly Table[];
  /** A commit of this node, while the actor's state is lent: nothing has to be decoded or remembered. */
  live(commit: LiveCommit): StoredCommit;
  reader(options: ReaderOptions): CommitReader;
};

export function defineProjection<S, E extends DomainEvent>(definition: {
  readonly name: string;
  readonly kind: ProjectedKind<S, E>;
  readonly tables: readonly Table[];
  readonly changes: (commit: Committed<S, E>) => readonly Change[];
}): Projection {
  const { name, kind, tables, changes } = definition;
  return {
    name,
    stream: streamOf(kind.name),
    kind: kind.name,
    tables,
    live(commit) {
      const { subject, sequence, data, header } = commit;
      return { subject, sequence, data, header, ...changesOf(commit) };
    },
    reader: (options) => {
      const states = new ActorStates(kind, options);
      return async (commit) => {
        const committed = await states.after(commit);
        return committed === undefined ? [] : changes(committed);
      };
    },
  };

  /** None if they cannot be made: then the commit is read as all others are, and what is wrong is found there. */
  function changesOf({ id, entries, state, from }: LiveCommit): Pick<StoredCommit, 'changes'> {
    const events = entries.flatMap(({ events: happened, at }) => happened.map((event) => ({ event: event as E, at })));
    const last = events.at(-1);
    if (last === undefined) return { changes: [] };
    try {
      const version = from + events.length - 1;
      return { changes: changes({ id, events, state: state as S, version, at: last.at }) };
    } catch {
      return {};
    }
  }
}
