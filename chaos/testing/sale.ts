/** A sale on a system of a test: declared at the actors' door, bought from as a gateway would. */
import { homeOf } from '../../actors/checkout/buckets/survey.ts';
import type { Actors } from '../../actors/clients.ts';
import type { DeclaredSale } from '../../actors/flash-sale/sale.ts';
import { paise, type SaleId, type Sku, type UserId } from '../../actors/ids.ts';
import { newId } from '../../config/ids.ts';
import { type Bought, buy } from '../crowd.ts';

export type TestSale = { readonly id: SaleId; readonly sku: Sku; readonly buckets: number };
const SET_ASIDE_MS = 20_000;

export async function declare(
  actors: Actors,
  wanted: { readonly sku: Sku; readonly units: number; readonly limitPerCustomer: number; readonly buckets: number },
): Promise<TestSale & { readonly view: DeclaredSale }> {
  const id = newId('sal');
  const item = { ...wanted, price: paise(499_00) };
  const now = Date.now();
  await actors.sale(id).declare({ title: 'Test', items: [item], startsAt: now, endsAt: now + 3_600_000 });
  const end = now + SET_ASIDE_MS;
  for (let after = 0; ; ) {
    const { view, version } = await actors.sale.watch(id, { after, timeoutMs: 1_000 });
    if (view.status !== 'none' && view.status !== 'declared')
      return { id, sku: wanted.sku, buckets: wanted.buckets, view };
    if (Date.now() > end) throw new Error(`${id} is still ${view.status}`);
    after = version;
  }
}

/** `quantity` of it, for this customer. */
export const buyInSale = (
  actors: Actors,
  { id, sku, buckets }: TestSale,
  customer: UserId,
  options: { quantity?: number; method?: 'cod' | 'upi'; reservationMs?: number } = {},
): Promise<Bought> =>
  buy(actors, [sku], { ...options, userId: customer, ledger: homeOf({ sku, saleId: id, count: buckets }, customer) });
