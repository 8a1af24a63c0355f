/**
 * The one message of a commit: every event of one turn of an actor's mailbox, on the actor's subject, guarded by
 * `Nats-Expected-Last-Subject-Sequence`. JSON, so that any consumer in any language can read the history.
 *
 * Header `Haat-Snapshot: <stream sequence>` names the last earlier message of this subject that carried a
 * snapshot (absent: there is none, replay from the first). Loading is therefore the last message and, at most,
 * one batched direct read from that sequence.
 */
import type { Instant } from '../ids.ts';
import type { DomainEvent } from './kind.ts';

export type StoredEvent = DomainEvent & { readonly v?: number };

/** One accepted command. */
export type CommitEntry = {
  readonly commandId: string;
  readonly command: string;
  readonly at: Instant;
  readonly events: readonly StoredEvent[];
  /** The answer that a repeat of the command gets again. */
  readonly result?: unknown;
  readonly trace?: string;
};

export type Snapshot = {
  /** The kind's `stateVersion`. */
  readonly v: number;
  readonly state: unknown;
  /** The bounded window of recent commands: `[commandId, version after it, result]`, oldest first. */
  readonly recent: readonly (readonly [commandId: string, version: number, result: unknown])[];
};

export type CommitRecord = {
  /** Format of this record. */
  readonly f: 1;
  /** Number of the first event in this record, counted from 1 over the actor's whole history. */
  readonly from: number;
  readonly entries: readonly CommitEntry[];
  /** The state after the last event here. */
  readonly snapshot?: Snapshot;
};

/** One accepted command of a commit that has just become durable. `events` are lent: the actor's state may share them. */
export type LiveEntry = Pick<CommitEntry, 'at' | 'events' | 'trace'> & {
  /** The CommitEntry as it was stored. */
  readonly json: string;
};

/**
 * A commit, handed on by the host that made it, in the moment the log has acknowledged it. Nothing of it may be
 * changed, and what is lent is looked at before the call returns.
 */
export type LiveCommit = {
  readonly kind: string;
  readonly id: string;
  readonly subject: string;
  /** Of its message in the stream. */
  readonly sequence: number;
  readonly from: number;
  readonly entries: readonly LiveEntry[];
  /** After its last event; lent. */
  readonly state: unknown;
  /** The message. */
  readonly data: Uint8Array;
  readonly header: (name: string) => string | undefined;
};

export const SNAPSHOT_HEADER = 'Haat-Snapshot';
