/** Before a sale its units go into the buckets, after it what is left goes back. Each step may be repeated. */
import type { Actors } from '../../clients.ts';
import type { DeclaredSale, SaleItem, ShortItem } from '../../flash-sale/sale.ts';
import type { SaleId, Sku } from '../../ids.ts';
import { bucketOf, bucketsOf } from '../../sku/buckets/bucket-id.ts';
import { together } from '../together.ts';
import { carry, survey } from './survey.ts';

const stockOf = (saleId: SaleId, { sku, buckets }: SaleItem) => ({ sku, saleId, count: buckets });

/** The items that there is not enough of. Looked at before anything is moved; what an earlier run has moved is enough. */
export async function shortOf(
  actors: Actors,
  saleId: SaleId,
  items: readonly SaleItem[],
): Promise<readonly ShortItem[]> {
  const short = await together(items, async (item): Promise<readonly ShortItem[]> => {
    const { available, transfers } = (await actors.sku.read(item.sku)).view;
    const isSetAside = bucketsOf(stockOf(saleId, item)).some((bucket) => transfers?.sent[bucket] !== undefined);
    return isSetAside || available >= item.units ? [] : [{ sku: item.sku, available }];
  });
  return short.flat();
}

/** One item's units into its buckets, all or none. undefined: done; else somebody else has had them meanwhile. */
export async function setAside(actors: Actors, saleId: SaleId, item: SaleItem): Promise<ShortItem | undefined> {
  const { sku, units, limitPerCustomer, buckets: count } = item;
  const ledgers = bucketsOf(stockOf(saleId, item));
  await together(ledgers, (ledger) => actors.sku(ledger).openBucket({ of: sku, limitPerCustomer }));
  // Their first transfer ever, so that a second run of this sends nothing twice.
  const transfers = ledgers.map((to, index) => ({
    to,
    number: 1,
    quantity: Math.floor(units / count) + (index < units % count ? 1 : 0),
  }));
  const outcome = await actors.sku(sku).send({ transfers });
  if (!outcome.ok) return { sku, available: outcome.rejection.available };
  await together(outcome.result.sent, (transfer) => carry(actors, { ...transfer, from: sku }));
  return undefined;
}

/**
 * Another sale that has the item at the same time, and had its units before. Whoever declares is warned by the gateway,
 * but two may declare at once; the SKU's ledger knows who came first, so one of them is refused and never both.
 */
export async function overlapOf(
  actors: Actors,
  saleId: SaleId,
  { startsAt, endsAt }: Pick<DeclaredSale, 'startsAt' | 'endsAt'>,
  { sku }: SaleItem,
): Promise<ShortItem | undefined> {
  const { available, transfers } = (await actors.sku.read(sku)).view;
  // In the order of their first transfers.
  const sales = [...new Set(Object.keys(transfers?.sent ?? {}).map((ledger) => bucketOf(ledger)?.saleId))];
  const before = sales.slice(0, Math.max(0, sales.indexOf(saleId))).filter((id) => id !== undefined);
  const found = await together(before, async (id) => ({ id, sale: (await actors.sale.read(id)).view }));
  const other = found.find(
    ({ sale }) =>
      (sale.status === 'declared' || sale.status === 'stocked' || sale.status === 'open') &&
      sale.startsAt < endsAt &&
      startsAt < sale.endsAt,
  );
  return other === undefined ? undefined : { sku, available, inSale: other.id };
}

/** What is left of one item goes back to its SKU. The answer: what is still held, and will be free or sold later. */
export async function bringBack(actors: Actors, saleId: SaleId, item: SaleItem): Promise<number> {
  const { sku } = item;
  const stock = stockOf(saleId, item);
  const ledgers = bucketsOf(stock);
  await together(ledgers, (ledger) => actors.sku(ledger).closeBucket({}));
  // A run of `setAside` that sleeps somewhere has from now on nothing to send: its transfers are made, with nothing in them.
  const spent = await actors.sku(sku).send({ transfers: ledgers.map((to) => ({ to, number: 1, quantity: 0 })) });
  if (spent.ok) await together(spent.result.sent, (transfer) => carry(actors, { ...transfer, from: sku }));
  for (;;) {
    const found = await survey(actors, stock);
    await together(found.onTheirWay, (transfer) => carry(actors, transfer));
    const full = found.buckets.filter(({ available }) => available > 0);
    if (full.length === 0 && found.onTheirWay.length === 0) return found.reserved;
    await together(full, ({ ledger }) => sendBack(actors, ledger, sku));
  }
}

export async function sendBack(actors: Pick<Actors, 'sku'>, ledger: Sku, sku: Sku): Promise<void> {
  const outcome = await actors.sku(ledger).send({ transfers: [{ to: sku, quantity: 'all' }] });
  if (outcome.ok) await together(outcome.result.sent, (transfer) => carry(actors, { ...transfer, from: ledger }));
}
