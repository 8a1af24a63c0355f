/**
 * Whether a SKU is to be had, a second old at most while the database answers. All that is asked for within a turn of
 * the event loop goes into one question; a SKU that is asked for all the time is asked about once a second.
 */
import type { Sku } from '../../actors/ids.ts';
import type { Availability } from '../../stores/catalogue/port.ts';
import { Lru } from '../../stores/lru.ts';

type Ask = (skus: readonly Sku[]) => Promise<ReadonlyMap<Sku, Availability>>;
type Known = { readonly state: Availability; readonly at: number };

/** ms. Beyond `shown` it is waited for; when nobody answers, what was last known is shown. */
const AGE = { fresh: 1_000, shown: 3_000 } as const;
const MOST_SKUS = 200_000;
const MOST_IN_A_QUESTION = 1_000;

export class LiveStock {
  readonly #known = new Lru<Sku, Known>(MOST_SKUS);
  readonly #ask: Ask;
  readonly #now: () => number;
  /** To be asked with the next question, and under way. */
  #next: { readonly skus: Set<Sku>; readonly asked: Promise<void> } | undefined;
  readonly #asking = new Map<Sku, Promise<void>>();
  /** The last question got no answer, perhaps by a time-out: who has something to show does not wait for the next. */
  #failing = false;

  constructor(ask: Ask, now: () => number = Date.now) {
    this.#ask = ask;
    this.#now = now;
  }

  async of(skus: readonly Sku[]): Promise<ReadonlyMap<Sku, Availability>> {
    const now = this.#now();
    const needed: Promise<void>[] = [];
    for (const sku of skus) {
      const known = this.#known.get(sku);
      const age = known === undefined ? Number.POSITIVE_INFINITY : now - known.at;
      if (age < AGE.fresh) continue;
      const asked = this.#askFor(sku);
      if (age >= AGE.shown && !(this.#failing && known !== undefined)) needed.push(asked);
    }
    try {
      if (needed.length > 0) await Promise.all(needed);
    } catch (error) {
      if (skus.some((sku) => this.#known.get(sku) === undefined)) throw error;
    }
    return new Map(skus.map((sku) => [sku, this.#known.get(sku)?.state ?? 'out-of-stock']));
  }

  #askFor(sku: Sku): Promise<void> {
    const asking = this.#asking.get(sku);
    if (asking !== undefined) return asking;
    if (this.#next === undefined || this.#next.skus.size >= MOST_IN_A_QUESTION) {
      const skus = new Set<Sku>();
      const asked = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#send(skus));
      // Who waits for it hears of its failure; a refresh that nobody waits for is tried again when it is next wanted.
      asked.catch(() => undefined);
      this.#next = { skus, asked };
    }
    const { skus, asked } = this.#next;
    skus.add(sku);
    this.#asking.set(sku, asked);
    return asked;
  }

  async #send(skus: ReadonlySet<Sku>): Promise<void> {
    if (this.#next?.skus === skus) this.#next = undefined;
    const at = this.#now();
    try {
      const states = await this.#ask([...skus]);
      for (const sku of skus) this.#known.set(sku, { state: states.get(sku) ?? 'out-of-stock', at });
      this.#failing = false;
    } catch (error) {
      this.#failing = true;
      throw error;
    } finally {
      for (const sku of skus) this.#asking.delete(sku);
    }
  }
}
