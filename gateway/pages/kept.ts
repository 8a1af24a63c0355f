/**
 * What is read often and changes seldom, kept as RFC 5861 has it: fresh for a while; then still served while one reader
 * asks for it anew; and served, too, when nobody can be asked. However many want the same at once, it is read once.
 */
import { Lru } from '../../stores/lru.ts';

export type KeptOptions<T> = {
  /** Bytes. */
  readonly capacity: number;
  readonly weigh: (value: T) => number;
  readonly times?: Partial<Times>;
  readonly onResult?: (result: KeptResult) => void;
  /** Epoch ms; for tests. */
  readonly now?: () => number;
};

export type KeptResult = 'fresh' | 'stale' | 'read' | 'stale-on-error';

/** ms, each counted from when the one before is over. */
export type Times = {
  readonly fresh: number;
  readonly whileRevalidating: number;
  readonly onError: number;
  /** How long "there is none" is believed. */
  readonly absent: number;
  /** Between reads that fail. */
  readonly retry: number;
};

export const TIMES: Times = {
  fresh: 300_000,
  whileRevalidating: 300_000,
  onError: 3_600_000,
  absent: 5_000,
  retry: 1_000,
};

type Entry<T> = {
  readonly value: T | undefined;
  readonly bytes: number;
  /** When its reading began: what changed later is not in it. */
  readonly at: number;
  /** It is known to have changed: read before it is served again. */
  changed: boolean;
  /** After a try that failed; else 0. */
  retryAt: number;
};

export class Kept<T> {
  readonly #entries: Lru<string, Entry<T>>;
  readonly #reads = new Map<string, Promise<T | undefined>>();
  readonly #times: Times;
  readonly #options: KeptOptions<T>;
  readonly #now: () => number;
  /** What is from before may have changed. */
  #doubtful = Number.NEGATIVE_INFINITY;

  constructor(options: KeptOptions<T>) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#now = options.now ?? Date.now;
    this.#entries = new Lru(options.capacity, (entry) => entry.bytes);
  }

  /** Rejects only if there is nothing to show and `read` rejects. */
  async get(key: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const entry = this.#entries.get(key);
    const age = entry === undefined ? Number.POSITIVE_INFINITY : this.#now() - entry.at;
    if (entry !== undefined && !entry.changed) {
      const { fresh, whileRevalidating, absent } = this.#times;
      const life = entry.value === undefined ? absent : fresh;
      if (age < life && entry.at > this.#doubtful) return this.#told('fresh', entry.value);
      if (entry.value !== undefined && age < fresh + whileRevalidating) {
        // Whoever waits for the reading gets its failure; here nobody does.
        if (this.#now() >= entry.retryAt) this.#read(key, read).catch(() => undefined);
        return this.#told('stale', entry.value);
      }
    }
    const { fresh, whileRevalidating, onError } = this.#times;
    const lastResort = age <= fresh + whileRevalidating + onError ? entry : undefined;
    if (lastResort?.value !== undefined && lastResort.retryAt > 0) {
      // The last try failed, perhaps by a time-out: nobody waits for the next one.
      if (this.#now() >= lastResort.retryAt) this.#read(key, read).catch(() => undefined);
      return this.#told('stale-on-error', lastResort.value);
    }
    try {
      return this.#told('read', await this.#read(key, read));
    } catch (error) {
      if (lastResort?.value === undefined) throw error;
      return this.#told('stale-on-error', lastResort.value);
    }
  }

  /** Nobody gets the old one any more, unless the new one cannot be read. */
  changed(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.changed = true;
    this.#reads.delete(key);
  }

  /** `changed` for all entries of which `is` holds. */
  changedWhere(is: (value: T) => boolean): void {
    this.#reads.clear();
    for (const entry of this.#entries.values()) {
      if (entry.value === undefined || is(entry.value)) entry.changed = true;
    }
  }

  /** All may have changed: served once more each, while it is read anew. */
  doubt(): void {
    this.#doubtful = this.#now();
    this.#reads.clear();
  }

  #told(result: KeptResult, value: T | undefined): T | undefined {
    this.#options.onResult?.(result);
    return value;
  }

  #read(key: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const running = this.#reads.get(key);
    if (running !== undefined) return running;
    const at = this.#now();
    const reading: Promise<T | undefined> = read().then(
      (value) => {
        // One that began before a change is not what is kept.
        if (this.#reads.get(key) !== reading) return value;
        this.#reads.delete(key);
        const bytes = 200 + key.length + (value === undefined ? 0 : this.#options.weigh(value));
        this.#entries.set(key, { value, bytes, at, changed: false, retryAt: 0 });
        return value;
      },
      (error: unknown) => {
        if (this.#reads.get(key) === reading) this.#reads.delete(key);
        const entry = this.#entries.get(key);
        if (entry !== undefined) entry.retryAt = this.#now() + this.#times.retry;
        throw error;
      },
    );
    this.#reads.set(key, reading);
    return reading;
  }
}
