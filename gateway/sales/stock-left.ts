/** What is left of a sale: asked of its buckets once a second at most, however many want to know. */
import { survey } from '../../actors/checkout/buckets/survey.ts';
import type { Actors } from '../../actors/clients.ts';
import type { SaleId, Sku } from '../../actors/ids.ts';
import type { KnownSale } from './live-sales.ts';

/** `left`: free now. `null`: nobody could tell. */
export type ItemStock = { readonly sku: Sku; readonly left: number | null; readonly sold: number | null };

const FRESH_MS = 1_000;

export class StockLeft {
  readonly #actors: Pick<Actors, 'sku'>;
  readonly #answers = new Map<SaleId, { readonly until: number; readonly stock: Promise<readonly ItemStock[]> }>();

  constructor(actors: Pick<Actors, 'sku'>) {
    this.#actors = actors;
  }

  of({ id, sale }: KnownSale): Promise<readonly ItemStock[]> {
    const now = Date.now();
    const known = this.#answers.get(id);
    if (known !== undefined && known.until > now) return known.stock;
    for (const [other, { until }] of this.#answers) if (until <= now) this.#answers.delete(other);
    const stock = Promise.all(
      sale.items.map(async ({ sku, buckets }): Promise<ItemStock> => {
        try {
          const { available, sold } = await survey(this.#actors, { sku, saleId: id, count: buckets });
          return { sku, left: available, sold };
        } catch {
          return { sku, left: null, sold: null };
        }
      }),
    );
    this.#answers.set(id, { until: now + FRESH_MS, stock });
    return stock;
  }
}

/** Two digits are enough to hurry by, and change seldom enough to be told to everybody. */
export function rounded(left: number): number {
  if (left <= 20) return left;
  const unit = 10 ** (Math.floor(Math.log10(left)) - 1);
  return Math.floor(left / unit) * unit;
}
