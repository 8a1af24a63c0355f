/**
 * An actor's memory and its log, kept in step. What makes a lost acknowledgement harmless is here:
 *
 * - After any failed append the memory is dropped and read back from where it was last sure, so that every command
 *   that may have landed is found, however much others wrote since.
 * - An append that was not answered may still be under way. Until something else stands in its place in the log,
 *   nobody is told anything that it could make untrue: a turn that wants to write nothing writes an empty commit.
 */
import type { Instant } from '../../ids.ts';
import { type LiveEntry, SNAPSHOT_HEADER } from '../commit.ts';
import { type EncodedCommit, encodeCommit } from '../commit-encoding.ts';
import type { ActorMemory } from '../memory/actor-memory.ts';
import { type ActorPlace, load, reload } from '../memory/loading.ts';
import { type ActorSystem, commitBytes } from './actor-system.ts';

/** Less than it takes others to give up on a silent node (moleculer.config.ts: two seconds at the least). */
const FRESH_MS = 1_000;

export class Journal {
  readonly #system: ActorSystem;
  readonly #place: ActorPlace;
  #memory: ActorMemory | undefined;
  /** Set from a turn's first failure until that turn is settled: the snapshot that was the last before it. */
  #sureFrom: number | undefined;
  /** The sequence that an unanswered append expected. */
  #doubt: number | undefined;
  /** When the log last said that the memory is all there is. */
  #confirmedAt: Instant | undefined;

  constructor(system: ActorSystem, place: ActorPlace) {
    this.#system = system;
    this.#place = place;
  }

  get memory(): ActorMemory | undefined {
    return this.#memory;
  }

  /** From the log. Undefined: it cannot be read now. */
  async recall(): Promise<ActorMemory | undefined> {
    const { clock, log, metrics, complain } = this.#system;
    const kind = this.#place.kind.name;
    const began = clock.now();
    try {
      const sureFrom = this.#sureFrom;
      const memory = await (sureFrom === undefined ? load(log, this.#place) : reload(log, this.#place, sureFrom));
      // Another message stands where the one in doubt would have to: it cannot land any more.
      if (this.#doubt !== memory.sequence) this.#doubt = undefined;
      this.#memory = memory;
      // A cold load may come from a replica that lags: it is asked about before a reader is told.
      this.#confirmedAt = sureFrom === undefined ? undefined : began;
      metrics.count('loads', kind, 1);
      metrics.observe('load-ms', kind, clock.now() - began);
      return memory;
    } catch (error) {
      complain('actor-not-loaded', { actor: this.#place.subject, err: error });
      return undefined;
    }
  }

  /** `from`: number of the first event. True: the entries are durable, and nothing else is under way. */
  async write(memory: ActorMemory, from: number, entries: readonly LiveEntry[]): Promise<boolean> {
    const { log, metrics, limits, complain } = this.#system;
    const { kind, id, stream, subject } = this.#place;
    const commit = encodeCommit(kind, memory, from, entries, {
      commitBytes: commitBytes(this.#system),
      smallSnapshotBytes: limits.smallSnapshotBytes,
    });
    const sentAt = this.#system.clock.now();
    const headers = pointer(memory);
    const result = await log.append(stream, subject, commit.data, memory.sequence, headers);
    switch (result.outcome) {
      case 'appended':
        this.#doubt = undefined;
        this.#confirmedAt = sentAt;
        written(memory, commit, result.sequence);
        metrics.count('commits', kind.name, 1);
        metrics.observe('batch', kind.name, entries.length);
        this.#system.onCommit?.({
          kind: kind.name,
          id,
          subject,
          sequence: result.sequence,
          from,
          entries,
          state: memory.state,
          data: commit.data,
          header: (name) => headers?.[name],
        });
        return true;
      case 'conflict':
        metrics.count('conflicts', kind.name, 1);
        return false;
      case 'unknown':
        this.#doubt = memory.sequence;
        metrics.count('unknown-acks', kind.name, 1);
        complain('append-in-doubt', { actor: subject, err: result.cause });
        return false;
    }
  }

  /**
   * True: nobody else has written. Where something is appended the log says so itself; what is answered without being
   * written must ask, or a node that has lost the actor without knowing would say "done already" of what it never saw.
   */
  async isCurrent(memory: ActorMemory): Promise<boolean> {
    // Read from the leader within this very turn.
    if (this.#sureFrom !== undefined) return true;
    const { clock, log, complain } = this.#system;
    const { stream, subject } = this.#place;
    const askedAt = clock.now();
    try {
      const last = await log.last(stream, subject, { fromLeader: true });
      if ((last?.sequence ?? 0) !== memory.sequence) return false;
      this.#confirmedAt = askedAt;
      return true;
    } catch (error) {
      complain('actor-not-confirmed', { actor: subject, err: error });
      return false;
    }
  }

  /**
   * True: nobody else can have written since the log was last asked, or so shortly that no one else has taken the actor
   * over. A node that was stopped or cut off for longer than this finds out before it tells a reader what is no more.
   */
  isFresh(now: Instant): boolean {
    const since = now - (this.#confirmedAt ?? Number.NEGATIVE_INFINITY);
    return since >= 0 && since < FRESH_MS;
  }

  /** An append may still be under way. */
  get inDoubt(): boolean {
    return this.#doubt !== undefined;
  }

  /** The memory holds what may not be durable. */
  drop(): void {
    this.#sureFrom ??= this.#memory?.snapshotSequence;
    this.#memory = undefined;
  }

  /** Everybody of the turn was told the truth: no need to look further back any more. */
  settled(): void {
    this.#sureFrom = undefined;
  }
}

const pointer = ({ snapshotSequence }: ActorMemory): Record<string, string> | undefined =>
  snapshotSequence === 0 ? undefined : { [SNAPSHOT_HEADER]: `${snapshotSequence}` };

function written(memory: ActorMemory, commit: EncodedCommit, sequence: number): void {
  memory.sequence = sequence;
  if (commit.snapshotSize > 0) memory.snapshotBytes = commit.snapshotSize;
  if (commit.hasSnapshot) {
    memory.snapshotSequence = sequence;
    memory.bytesSinceSnapshot = 0;
  } else {
    memory.bytesSinceSnapshot += commit.size;
  }
}
