/** A map of bounded size that forgets what was used longest ago. Not for facts. */
export class Lru<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #capacity: number;
  readonly #weigh: (value: V) => number;
  #weight = 0;

  /** `weigh`: what an entry takes of the capacity; must not change while it is in. Default 1: so many entries. */
  constructor(capacity: number, weigh: (value: V) => number = () => 1) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`not a capacity: ${capacity}`);
    this.#capacity = capacity;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    // A Map keeps the order of insertion: in again at the young end.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#weight += this.#weigh(value);
    if (this.#weight <= this.#capacity) return;
    for (const oldest of this.#entries.keys()) {
      this.delete(oldest);
      if (this.#weight <= this.#capacity) return;
    }
  }

  delete(key: K): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(value);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }
}
