/** Units are free again in a bucket: that is told while the sale is on, and after it they go back to the SKU. */
import type { Actors } from '../../clients.ts';
import type { Sku } from '../../ids.ts';
import { bucketOf } from '../../sku/buckets/bucket-id.ts';
import { sendBack } from './set-aside.ts';

export async function cameBack(actors: Actors, ledger: Sku): Promise<void> {
  const bucket = bucketOf(ledger);
  if (bucket === undefined) return;
  const { available, transfers } = (await actors.sku.read(ledger)).view;
  if (available === 0) return;
  // Moot unless the sale is told to be sold out.
  if (transfers?.bucket === 'open') await actors.sale(bucket.saleId).recordAvailable({ sku: bucket.sku });
  else await sendBack(actors, ledger, bucket.sku);
}
