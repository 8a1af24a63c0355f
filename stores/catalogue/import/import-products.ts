/**
 * Products from a file into the catalogue, and their first stock to the SKU actors. Repeatable: ids come from the
 * file's own, a row that has not changed writes nothing, and a run that was cut off is completed by the next.
 */
import type { Actors } from '../../../actors/clients.ts';
import type { SellerId, Sku } from '../../../actors/ids.ts';
import { inTransaction, type Pool } from '../../postgres/pool.ts';
import { ensureCategories } from '../categories.ts';
import { SkuTaken } from '../port.ts';
import { type SavedProduct, saveProducts } from '../save.ts';
import { stockUp } from '../stock.ts';
import type { ProductFile } from './read-file.ts';
import { type ReadProduct, type RejectReason, readRow } from './read-row.ts';

export type Rejected = {
  readonly line: number;
  readonly reason: RejectReason;
  readonly detail: string;
  readonly id: string;
  readonly name: string;
};
export type ImportCounts = {
  rows: number;
  created: number;
  changed: number;
  unchanged: number;
  rejected: number;
  /** SKUs that got their first stock. */
  stocked: number;
};

export type ImportOptions = {
  readonly pool: Pool;
  readonly file: ProductFile;
  readonly sellerId: SellerId;
  /** Without it, or with 0 units, stock is left alone. */
  readonly stock?: { readonly actors: Pick<Actors, 'sku'>; readonly units: number };
  readonly onRejected: (rejected: Rejected) => void;
  /** After each batch. */
  readonly onProgress?: (counts: Readonly<ImportCounts>) => void;
  readonly batch?: number;
  readonly now?: () => number;
};

type Pending = { readonly line: number; readonly product: ReadProduct };

/** Rejects when the file, the database or the actors fail as a whole; then run it again. */
export async function importProducts(options: ImportOptions): Promise<Readonly<ImportCounts>> {
  const { file, sellerId, onRejected, onProgress, batch: size = 1_000 } = options;
  const counts: ImportCounts = { rows: 0, created: 0, changed: 0, unchanged: 0, rejected: 0, stocked: 0 };
  const firstLine = new Map<Sku, number>();
  const reject = (rejected: Rejected): void => {
    counts.rejected += 1;
    onRejected(rejected);
  };
  const writer = new Writer(options, counts, reject);
  let batch: Pending[] = [];
  for await (const each of file.rows) {
    counts.rows += 1;
    if ('malformed' in each) {
      reject({ line: each.line, reason: 'malformed', detail: each.malformed, id: '', name: '' });
      continue;
    }
    const { line, row } = each;
    const result = readRow(row, sellerId);
    const known = { line, id: row.pid ?? row.uniq_id ?? '', name: row.product_name ?? '' };
    if (!result.ok) {
      reject({ ...known, reason: result.reason, detail: result.detail });
      continue;
    }
    const first = firstLine.get(result.product.sku);
    if (first !== undefined) {
      reject({ ...known, reason: 'duplicate-id', detail: `first in line ${first}` });
      continue;
    }
    firstLine.set(result.product.sku, line);
    batch.push({ line, product: result.product });
    if (batch.length < size) continue;
    await writer.write(batch);
    batch = [];
    onProgress?.(counts);
  }
  await writer.write(batch);
  await writer.done();
  onProgress?.(counts);
  return counts;
}

/** Writes a batch to the database while the actors take the stock of the one before. */
class Writer {
  readonly #options: ImportOptions;
  readonly #counts: ImportCounts;
  readonly #reject: (rejected: Rejected) => void;
  readonly #categories = new Set<string>();
  #stocking: Promise<void> = Promise.resolve();

  constructor(options: ImportOptions, counts: ImportCounts, reject: (rejected: Rejected) => void) {
    this.#options = options;
    this.#counts = counts;
    this.#reject = reject;
  }

  async write(batch: readonly Pending[]): Promise<void> {
    if (batch.length === 0) return;
    const { saved, kept } = await this.#save(batch);
    for (const { isNew } of saved) this.#counts[isNew ? 'created' : 'changed'] += 1;
    this.#counts.unchanged += kept.length - saved.length;
    await this.done();
    this.#stocking = this.#stock(kept);
    // Its failure is thrown by `done`; until then it is nobody's.
    this.#stocking.catch(() => {});
  }

  done(): Promise<void> {
    return this.#stocking;
  }

  /** A SKU that another product has is a bad row, not a failure: without it, again. */
  async #save(batch: readonly Pending[]): Promise<{ saved: readonly SavedProduct[]; kept: readonly Pending[] }> {
    const { pool, now = Date.now } = this.#options;
    await this.#ensureCategories(batch);
    let kept = batch;
    for (;;) {
      try {
        const writes = kept.map(({ product }) => product);
        return { saved: await inTransaction(pool, (client) => saveProducts(client, writes, now())), kept };
      } catch (error) {
        if (!(error instanceof SkuTaken)) throw error;
        const taken = kept.find(({ product }) => product.sku === error.sku);
        if (taken === undefined) throw error;
        kept = kept.filter((each) => each !== taken);
        const { sku, draft } = taken.product;
        this.#reject({ line: taken.line, reason: 'sku-taken', detail: error.message, id: sku, name: draft.name });
      }
    }
  }

  async #ensureCategories(batch: readonly Pending[]): Promise<void> {
    const fresh = new Map<string, readonly string[]>();
    for (const { product } of batch) {
      const key = JSON.stringify(product.draft.category);
      if (!this.#categories.has(key)) fresh.set(key, product.draft.category);
    }
    await ensureCategories(this.#options.pool, fresh.values());
    for (const key of fresh.keys()) this.#categories.add(key);
  }

  async #stock(batch: readonly Pending[]): Promise<void> {
    const { stock } = this.#options;
    if (stock === undefined || stock.units === 0) return;
    const stocks = batch.map(({ product }) => ({ sku: product.sku, units: stock.units }));
    this.#counts.stocked += await stockUp(stock.actors, stocks);
  }
}
