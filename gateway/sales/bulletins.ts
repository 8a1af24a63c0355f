/** What is told to those who watch a sale: every change of it at once, and what is left once a second while it sells. */
import type { Actors } from '../../actors/clients.ts';
import type { SaleId, Sku } from '../../actors/ids.ts';
import type { LiveSales } from './live-sales.ts';
import type { SaleStatus } from './port.ts';
import { rounded, StockLeft } from './stock-left.ts';

export type Bulletin = {
  readonly id: SaleId;
  readonly status: SaleStatus | 'refused';
  readonly items: readonly { readonly sku: Sku; readonly soldOut: boolean; readonly left: number | null }[];
};

type Watcher = (bulletin: Bulletin, version: number) => void;
type Watched = { readonly watchers: Set<Watcher>; left: ReadonlyMap<Sku, number | null>; last: string };

const EVERY_MS = 1_000;

export class Bulletins {
  readonly #sales: LiveSales;
  readonly #stock: StockLeft;
  readonly #watched = new Map<SaleId, Watched>();
  readonly #stopListening: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(sales: LiveSales, actors: Pick<Actors, 'sku'>) {
    this.#sales = sales;
    this.#stock = new StockLeft(actors);
    this.#stopListening = sales.onChange((id) => this.#tell(id));
  }

  /** At once what is known now, then every change. The answer ends it. */
  watch(id: SaleId, watcher: Watcher): () => void {
    const watched = this.#watched.get(id) ?? { watchers: new Set(), left: new Map(), last: '' };
    this.#watched.set(id, watched);
    watched.watchers.add(watcher);
    const now = this.#now(id, watched);
    if (now !== undefined) watcher(now.bulletin, now.version);
    this.#timer ??= setInterval(() => void this.#look(), EVERY_MS).unref();
    if (watched.watchers.size === 1) void this.#lookAt(id, watched);
    return () => {
      watched.watchers.delete(watcher);
      if (watched.watchers.size > 0) return;
      this.#watched.delete(id);
      if (this.#watched.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  stop(): void {
    this.#stopListening();
    clearInterval(this.#timer);
    this.#watched.clear();
  }

  #now(id: SaleId, { left }: Watched): { bulletin: Bulletin; version: number } | undefined {
    const known = this.#sales.find(id);
    if (known === undefined) return undefined;
    const { sale, version } = known;
    const items = sale.items.map(({ sku }) => {
      const soldOut = sale.soldOut.includes(sku);
      return { sku, soldOut, left: soldOut ? 0 : (left.get(sku) ?? null) };
    });
    return { bulletin: { id, status: this.#sales.statusOf(id) ?? 'refused', items }, version };
  }

  #tell(id: SaleId): void {
    const watched = this.#watched.get(id);
    const now = watched && this.#now(id, watched);
    if (watched === undefined || now === undefined) return;
    const text = JSON.stringify(now.bulletin);
    if (text === watched.last) return;
    watched.last = text;
    for (const watcher of watched.watchers) watcher(now.bulletin, now.version);
  }

  async #look(): Promise<void> {
    await Promise.all([...this.#watched].map(([id, watched]) => this.#lookAt(id, watched)));
  }

  async #lookAt(id: SaleId, watched: Watched): Promise<void> {
    const known = this.#sales.find(id);
    const status = this.#sales.statusOf(id);
    if (known === undefined || (status !== 'open' && status !== 'sold-out')) return;
    const stock = await this.#stock.of(known);
    watched.left = new Map(stock.map(({ sku, left }) => [sku, left === null ? null : rounded(left)]));
    this.#tell(id);
  }
}
