/** What there is in all the buckets of one SKU's sale, and on its way between them. */

import { hash32 } from '../../../config/subjects.ts';
import type { Actors } from '../../clients.ts';
import type { Sku, UserId } from '../../ids.ts';
import { type Bucket, bucketId, bucketsOf } from '../../sku/buckets/bucket-id.ts';
import type { Transfer, TransferView } from '../../sku/buckets/transfers.ts';
import { together } from '../together.ts';

export type SaleStock = Omit<Bucket, 'index'>;

export type Surveyed = {
  readonly ledger: Sku;
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
  readonly sent: TransferView['sent'];
  readonly state: TransferView['bucket'];
};

export type Survey = {
  readonly buckets: readonly Surveyed[];
  readonly available: number;
  readonly reserved: number;
  readonly sold: number;
  readonly onTheirWay: readonly (Transfer & { readonly from: Sku })[];
  /**
   * Counts up with every transfer that leaves or comes, anywhere. The same in two surveys, one after the other: between
   * them was a moment at which all that they say was so together.
   */
  readonly moves: number;
};

/** Where a customer buys: always the same bucket, so that what they have had is counted in one place. */
export const homeOf = (stock: SaleStock, customer: UserId): Sku =>
  bucketId({ ...stock, index: hash32(customer) % stock.count });

export async function survey(actors: Pick<Actors, 'sku'>, stock: SaleStock): Promise<Survey> {
  const ledgers = bucketsOf(stock);
  const views = await together(ledgers, async (ledger) => (await actors.sku.read(ledger)).view);
  const buckets = views.map(({ available, reserved, sold, transfers }, index) => ({
    ledger: ledgers[index] ?? bucketId({ ...stock, index }),
    available,
    reserved,
    sold,
    sent: transfers?.sent ?? {},
    state: transfers?.bucket ?? 'none',
  }));
  return {
    buckets,
    available: sumOf(buckets, 'available'),
    reserved: sumOf(buckets, 'reserved'),
    sold: sumOf(buckets, 'sold'),
    onTheirWay: views.flatMap(({ transfers }, index) =>
      (transfers?.outgoing ?? []).map((transfer) => ({ ...transfer, from: ledgers[index] ?? stock.sku })),
    ),
    moves: views.reduce((moves, { transfers }) => moves + (transfers?.moves ?? 0), 0),
  };
}

const sumOf = (buckets: readonly Surveyed[], of: 'available' | 'reserved' | 'sold'): number =>
  buckets.reduce((units, bucket) => units + bucket[of], 0);

/** To where it is going, and told so where it came from. May be repeated at any point. */
export async function carry(
  { sku }: Pick<Actors, 'sku'>,
  { from, to, number, units }: Transfer & { readonly from: Sku },
): Promise<void> {
  await sku(to).receive({ from, number, units });
  await sku(from).completeTransfer({ to, number });
}
