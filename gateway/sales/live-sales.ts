/** The sales of the port, from the states that the feed brings. What their times change, a timer of our own brings about. */
import { isLive } from '../../actors/flash-sale/decide.ts';
import type { DeclaredSale, SaleState } from '../../actors/flash-sale/sale.ts';
import type { Instant, SaleId, Sku } from '../../actors/ids.ts';
import type { SaleOffer, SaleStatus, Sales } from './port.ts';

export type KnownSale = { readonly id: SaleId; readonly version: number; readonly sale: DeclaredSale };
export type Listener = (saleId: SaleId, status: SaleStatus) => void;

/** Sales that are over, remembered for those who ask what became of them. */
const REMEMBERED = 1_000;
/** setTimeout takes no more; it is set again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class LiveSales implements Sales {
  readonly #clock: () => Instant;
  readonly #sales = new Map<SaleId, KnownSale>();
  /** Those that are not over, by the SKUs that they have. */
  readonly #bySku = new Map<Sku, Set<SaleId>>();
  readonly #told = new Map<SaleId, SaleStatus>();
  readonly #listeners = new Set<Listener>();
  readonly #changes = new Set<(saleId: SaleId) => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: () => Instant = Date.now) {
    this.#clock = clock;
  }

  /** From the feed. */
  take(id: SaleId, state: SaleState, version: number): void {
    if (state.status === 'none' || (this.#sales.get(id)?.version ?? 0) > version) return;
    this.#sales.set(id, { id, version, sale: state });
    for (const { sku } of state.items) {
      const sales = this.#bySku.get(sku) ?? new Set();
      if (isOver(state)) sales.delete(id);
      else sales.add(id);
      if (sales.size === 0) this.#bySku.delete(sku);
      else this.#bySku.set(sku, sales);
    }
    this.#forget();
    this.#tell();
    for (const listener of this.#changes) listener(id);
  }

  find(id: string): KnownSale | undefined {
    return this.#sales.get(id as SaleId);
  }

  /** In the order in which they begin, the last first. */
  all(): readonly KnownSale[] {
    return [...this.#sales.values()].sort((a, b) => b.sale.startsAt - a.sale.startsAt || (a.id < b.id ? 1 : -1));
  }

  statusOf(saleId: string): SaleStatus | undefined {
    const known = this.find(saleId);
    return known === undefined ? undefined : statusAt(known.sale, this.#clock());
  }

  offerOf(sku: Sku): SaleOffer | undefined {
    const sales = this.#bySku.get(sku);
    if (sales === undefined) return undefined;
    const now = this.#clock();
    for (const id of sales) {
      const sale = this.#sales.get(id)?.sale;
      const item = sale?.items.find((each) => each.sku === sku);
      if (sale === undefined || item === undefined || !isLive(sale, now)) continue;
      const { price, limitPerCustomer, buckets } = item;
      const soldOut = sale.soldOut.includes(sku);
      return { saleId: id, sku, price, limitPerCustomer, buckets, endsAt: sale.endsAt, soldOut };
    }
    return undefined;
  }

  /** Sales that may hold units of it: from their declaration until all that was left is back. */
  holding(sku: Sku): readonly SaleId[] {
    return [...this.#sales.values()]
      .filter(({ sale }) => sale.status !== 'settled' && sale.status !== 'refused')
      .filter(({ sale }) => sale.items.some((item) => item.sku === sku))
      .map(({ id }) => id);
  }

  onStatus(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Called for whatever has changed of a sale, its status among it. */
  onChange(listener: (saleId: SaleId) => void): () => void {
    this.#changes.add(listener);
    return () => void this.#changes.delete(listener);
  }

  onSoldOut(listener: (saleId: SaleId) => void): () => void {
    return this.onStatus((saleId, status) => {
      if (status === 'sold-out') listener(saleId);
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
    this.#changes.clear();
  }

  /** Whose status has become another, now. Sets the timer for the next that time alone will change. */
  #tell(): void {
    const now = this.#clock();
    let next = Number.POSITIVE_INFINITY;
    for (const { id, sale } of this.#sales.values()) {
      const status = statusAt(sale, now);
      if (status === undefined) continue;
      if (this.#told.get(id) !== status) {
        this.#told.set(id, status);
        for (const listener of this.#listeners) listener(id, status);
        for (const listener of this.#changes) listener(id);
      }
      if (isOver(sale)) continue;
      for (const at of [sale.startsAt, sale.endsAt]) if (at > now && at < next) next = at;
    }
    clearTimeout(this.#timer);
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#tell(), Math.min(next - now, LONGEST_TIMER_MS)).unref();
  }

  #forget(): void {
    if (this.#sales.size <= REMEMBERED) return;
    for (const [id, { sale }] of this.#sales) {
      if (!isOver(sale)) continue;
      this.#sales.delete(id);
      this.#told.delete(id);
      return;
    }
  }
}

const isOver = ({ status }: DeclaredSale): boolean =>
  status === 'ended' || status === 'settled' || status === 'refused';

/** undefined: it never came to be. */
export function statusAt(sale: DeclaredSale, now: Instant): SaleStatus | undefined {
  if (sale.status === 'refused') return undefined;
  if (isOver(sale) || now >= sale.endsAt) return 'ended';
  if (!isLive(sale, now)) return 'upcoming';
  return sale.items.every(({ sku }) => sale.soldOut.includes(sku)) ? 'sold-out' : 'open';
}
