/**
 * Rate limits by a sliding window of two counters (this window's, and the share of the last one that is still in
 * view). Counting is local and costs no round trip; a busy key's count is merged with other gateways' through Redis
 * in the background (shared-counts.ts). Without Redis each gateway limits for itself.
 */
import type { Quota } from './classes.ts';

export type Verdict = {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Seconds until the quota is whole again (RateLimit's `t`), and until the next try may succeed (Retry-After). */
  readonly resetAfter: number;
  readonly retryAfter: number;
};

/** One key in one class. */
export type Entry = {
  readonly key: string;
  readonly windowMs: number;
  readonly quota: number;
  window: number;
  /** Requests in this window and the one before, here and (as far as known) at other gateways. */
  count: number;
  previous: number;
  /** Of `count`: not yet told to the others. */
  untold: number;
};

/** Keys held at most; beyond, the least recently made go first: they then start anew. */
const MAX_ENTRIES = 200_000;

export class Limiter {
  readonly #entries = new Map<string, Entry>();
  readonly #busy = new Set<Entry>();
  readonly #factor: number;
  readonly #now: () => number;

  constructor(factor: number, now: () => number = Date.now) {
    this.#factor = factor;
    this.#now = now;
  }

  quotaOf(quota: Quota): number {
    return Math.max(1, Math.floor(quota.requests * this.#factor));
  }

  /** Counts a request. One that is refused is not counted: patience is enough to get in again. */
  take(name: string, quota: Quota, caller: string): Verdict {
    const entry = this.#entry(name, quota, caller);
    const verdict = this.#verdict(entry, 1);
    if (verdict.allowed) {
      entry.count++;
      entry.untold++;
      // Quiet keys stay local: each of n gateways being off by an eighth of a quota does no harm.
      if (entry.count * 8 >= entry.quota) this.#busy.add(entry);
    }
    return verdict;
  }

  /** Whether one more would be allowed, uncounted. */
  peek(name: string, quota: Quota, caller: string): Verdict {
    return this.#verdict(this.#entry(name, quota, caller), 1);
  }

  /** The keys worth telling the other gateways of, each once. */
  drainBusy(): readonly Entry[] {
    const busy = [...this.#busy];
    this.#busy.clear();
    return busy;
  }

  #entry(name: string, quota: Quota, caller: string): Entry {
    const key = `${name}:${caller}`;
    const windowMs = quota.seconds * 1_000;
    const window = Math.floor(this.#now() / windowMs);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, windowMs, quota: this.quotaOf(quota), window, count: 0, previous: 0, untold: 0 };
      this.#entries.set(key, entry);
      if (this.#entries.size > MAX_ENTRIES) this.#forgetOldest();
    } else if (entry.window !== window) {
      entry.previous = entry.window === window - 1 ? entry.count : 0;
      entry.window = window;
      entry.count = 0;
      entry.untold = 0;
    }
    return entry;
  }

  #verdict(entry: Entry, cost: number): Verdict {
    const into = (this.#now() % entry.windowMs) / entry.windowMs;
    const used = entry.count + entry.previous * (1 - into);
    const left = entry.quota - used;
    const untilNext = Math.ceil(((1 - into) * entry.windowMs) / 1_000);
    const allowed = left >= cost;
    return {
      allowed,
      remaining: Math.max(0, Math.floor(allowed ? left - cost : left)),
      resetAfter: untilNext,
      retryAfter: allowed ? 0 : this.#retryAfter(entry, into, cost, untilNext),
    };
  }

  /** While the last window fades, its share makes room; else the next window does. */
  #retryAfter(entry: Entry, into: number, cost: number, untilNext: number): number {
    const room = entry.quota - cost - entry.count;
    if (room >= 0 && entry.previous > 0) {
      const wanted = 1 - room / entry.previous;
      return Math.max(1, Math.ceil(((wanted - into) * entry.windowMs) / 1_000));
    }
    return Math.max(1, untilNext);
  }

  #forgetOldest(): void {
    for (const [key, entry] of this.#entries) {
      this.#entries.delete(key);
      this.#busy.delete(entry);
      return;
    }
  }
}
