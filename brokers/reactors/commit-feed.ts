/**
 * What this node's own actors have committed, for its own reactors and projections: while it is the only one that hosts a
 * kind, nobody has to send it its own commits back. The stream stays the truth. A reader joins where its reading of the
 * stream and the feed meet, takes nothing but the next sequence, and goes back to the stream at the first sign that
 * somebody else has written: another node that hosts the kind, or a sequence that is missing.
 */
import type { LiveCommit } from '../../actors/runtime/commit.ts';

/** Commits kept for a reader that is about to join. */
const KEPT = 1_000;

export class CommitFeed {
  readonly #alone: (kind: string) => boolean;
  readonly #taps = new Map<string, Set<Tap<unknown>>>();

  /** `alone`: whether this node is the only one that hosts the kind, as far as it knows. */
  constructor(alone: (kind: string) => boolean) {
    this.#alone = alone;
  }

  /** In the order of acknowledgement. */
  publish(commit: LiveCommit): void {
    const taps = this.#taps.get(commit.kind);
    if (taps === undefined) return;
    const alone = this.#alone(commit.kind);
    for (const tap of taps) {
      if (alone) tap.take(commit);
      else tap.lose();
    }
  }

  /** Who hosts what is not as it was. */
  hostsChanged(): void {
    for (const [kind, taps] of this.#taps) if (!this.#alone(kind)) for (const tap of taps) tap.lose();
  }

  /** `keep` is called while the commit's state and events are lent. */
  tap<T>(kind: string, keep: (commit: LiveCommit) => T): Tap<T> {
    const taps = this.#taps.get(kind) ?? new Set();
    this.#taps.set(kind, taps);
    const tap: Tap<T> = new Tap(keep, () => taps.delete(tap as Tap<unknown>));
    taps.add(tap as Tap<unknown>);
    return tap;
  }
}

type Joined<T> = { next: number; readonly onNext: (item: T) => void; readonly onLost: () => void };

export class Tap<T> {
  readonly #keep: (commit: LiveCommit) => T;
  readonly #onClose: () => void;
  /** Without a hole, from sequence `#from` on. */
  #run: T[] = [];
  #from = 0;
  #joined: Joined<T> | undefined;

  constructor(keep: (commit: LiveCommit) => T, onClose: () => void) {
    this.#keep = keep;
    this.#onClose = onClose;
  }

  /**
   * What follows `seen`; from now on `onNext` is called with each that follows, until `onLost`. undefined: the feed does
   * not reach back so far. A reader may be ahead of it: the stream may bring a commit before its acknowledgement.
   */
  join(seen: number, onNext: (item: T) => void, onLost: () => void): readonly T[] | undefined {
    const end = this.#from + this.#run.length;
    if (this.#joined !== undefined || this.#run.length === 0 || seen + 1 < this.#from) return undefined;
    const rest = this.#run.slice(seen + 1 - this.#from);
    this.#run = [];
    this.#joined = { next: Math.max(end, seen + 1), onNext, onLost };
    return rest;
  }

  take(commit: LiveCommit): void {
    const { sequence } = commit;
    const joined = this.#joined;
    if (joined !== undefined) {
      if (sequence === joined.next) {
        joined.next += 1;
        joined.onNext(this.#keep(commit));
      } else if (sequence > joined.next) this.lose();
      return;
    }
    if (sequence !== this.#from + this.#run.length) this.#run = [];
    if (this.#run.length === 0) this.#from = sequence;
    this.#run.push(this.#keep(commit));
    if (this.#run.length > 2 * KEPT) {
      this.#run = this.#run.slice(-KEPT);
      this.#from = sequence - KEPT + 1;
    }
  }

  /** There is more in the stream than came by here. */
  lose(): void {
    const joined = this.#joined;
    this.#joined = undefined;
    this.#run = [];
    joined?.onLost();
  }

  close(): void {
    this.#joined = undefined;
    this.#run = [];
    this.#onClose();
  }
}
