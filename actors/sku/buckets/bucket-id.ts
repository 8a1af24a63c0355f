/**
 * A bucket is a stock ledger like any other, an actor of kind `sku`, of units set aside for one sale. Its id says what it
 * is a part of and how many others there are, so that whoever meets it on an order line needs no look-up:
 *
 *   <sku>~<saleId>~<index>-<count>        PHONE-X~sal_0198…~3-16
 *
 * No SKU has a `~`, so no SKU can be taken for a bucket.
 */
import type { SaleId, Sku } from '../../ids.ts';

export type Bucket = {
  readonly sku: Sku;
  readonly saleId: SaleId;
  readonly index: number;
  readonly count: number;
};

const BUCKET = /^([A-Za-z0-9_-]{1,64})~([A-Za-z0-9_-]{1,40})~(\d{1,3})-(\d{1,3})$/;

export const bucketId = ({ sku, saleId, index, count }: Bucket): Sku => `${sku}~${saleId}~${index}-${count}` as Sku;

/** undefined: the ledger of a SKU itself. */
export function bucketOf(ledger: string): Bucket | undefined {
  const [, sku, saleId, index, count] = BUCKET.exec(ledger) ?? [];
  if (sku === undefined || saleId === undefined) return undefined;
  return { sku: sku as Sku, saleId: saleId as SaleId, index: Number(index), count: Number(count) };
}

/** The SKU whose units a ledger holds. */
export const skuOf = (ledger: Sku): Sku => bucketOf(ledger)?.sku ?? ledger;

export const bucketsOf = ({ sku, saleId, count }: Omit<Bucket, 'index'>): readonly Sku[] =>
  Array.from({ length: count }, (_, index) => bucketId({ sku, saleId, index, count }));
