/**
 * Units between ledgers: from a SKU to its buckets, between buckets, and back. They leave the one in a commit of its own
 * and are then on their way, remembered by the sender, until the other has taken them up in a commit of its own:
 *
 *   Σ received over the ledgers + Σ on their way = what was ever received, at every instant.
 *
 * Transfers between two ledgers are numbered from 1 without a gap, so that the receiver knows every repeat for ever by
 * a number or two. Whoever has asked for a transfer also brings it over; one left on its way by a crash is brought over
 * by whoever looks next, and nothing is told to be sold out while anything is on its way.
 */
import type { Pincode, Sku, UserId, WarehouseId } from '../../ids.ts';

export type Parcel = { readonly warehouseId: WarehouseId; readonly pincode: Pincode; readonly quantity: number };
export type Transfer = { readonly to: Sku; readonly number: number; readonly units: readonly Parcel[] };

export type TransferEvent =
  | { readonly type: 'StockSent'; readonly to: Sku; readonly number: number; readonly units: readonly Parcel[] }
  | { readonly type: 'StockArrived'; readonly from: Sku; readonly number: number; readonly units: readonly Parcel[] }
  /** The sender knows that they have arrived. */
  | { readonly type: 'TransferCompleted'; readonly to: Sku; readonly number: number }
  | { readonly type: 'BucketOpened'; readonly of: Sku; readonly limitPerCustomer: number }
  /** Nothing more is held here, and what is free goes back to the SKU. */
  | { readonly type: 'BucketClosed' };

/** More than what one customer may have: `left` is what this one still may. */
export type LimitReached = { readonly type: 'limit-reached'; readonly limit: number; readonly left: number };
export type NotEnough = { readonly type: 'not-enough'; readonly available: number };

/**
 * `number`: one more than the last transfer there. One that was sent before is not sent again, whatever its quantity, so
 * that of many who see the same need at the same time one is served. Absent: the next.
 * `half`: of what is free, rounded up; `half` and `all` of nothing is no transfer. 0 is one, which uses up its number.
 */
export type TransferOrder = {
  readonly to: Sku;
  readonly number?: number;
  readonly quantity: number | 'half' | 'all';
};

export type TransferContract = {
  openBucket: {
    input: { readonly of: Sku; readonly limitPerCustomer: number };
    result: null;
    rejection: never;
  };
  closeBucket: { input: object; result: null; rejection: never };
  /** All of them or none. The answer: those of them that are on their way. A closed bucket sends to its SKU only. */
  send: {
    input: { readonly transfers: readonly TransferOrder[] };
    result: { readonly sent: readonly Transfer[] };
    rejection: NotEnough;
  };
  receive: {
    input: { readonly from: Sku; readonly number: number; readonly units: readonly Parcel[] };
    result: null;
    rejection: never;
  };
  completeTransfer: { input: { readonly to: Sku; readonly number: number }; result: null; rejection: never };
};

/** Transfers that have come from one ledger: all up to a number, and some beyond. */
export type Arrivals = { upTo: number; beyond: number[] };

/** Changed in place, as all of a SKU's state. */
export type TransferState = {
  /** On their way, in the order of sending. */
  outgoing: Transfer[];
  /** The number of the last transfer to each ledger. */
  sent: Record<Sku, number>;
  arrived: Record<Sku, Arrivals>;
  /** null: the ledger of a SKU itself. */
  bucket: BucketState | null;
};

export type BucketState = {
  readonly of: Sku;
  readonly limitPerCustomer: number;
  closed: boolean;
  /** Units that each customer holds or has bought: at most as many customers as units were ever here. */
  taken: Record<UserId, number>;
};

/** Of a ledger that has to do with transfers. */
export type TransferView = {
  readonly outgoing: readonly Transfer[];
  readonly sent: Readonly<Record<Sku, number>>;
  /** Counts up with every transfer that leaves or comes. */
  readonly moves: number;
  readonly bucket: 'none' | 'open' | 'closed';
};

export const noTransfers = (): TransferState => ({ outgoing: [], sent: {}, arrived: {}, bucket: null });

export const hasArrived = ({ arrived }: TransferState, from: Sku, number: number): boolean => {
  const known = arrived[from];
  return known !== undefined && (number <= known.upTo || known.beyond.includes(number));
};

/** What a customer may still have here. */
export const allowanceOf = ({ bucket }: TransferState, customer: UserId | undefined): number =>
  bucket === null || customer === undefined
    ? Number.POSITIVE_INFINITY
    : bucket.limitPerCustomer - (bucket.taken[customer] ?? 0);

export function transferView({ outgoing, sent, arrived, bucket }: TransferState): TransferView | undefined {
  const moved = Object.values(sent).length + Object.values(arrived).length > 0;
  if (bucket === null && !moved) return undefined;
  const out = Object.values(sent).reduce((sum, last) => sum + last, 0);
  const back = Object.values(arrived).reduce((sum, { upTo, beyond }) => sum + upTo + beyond.length, 0);
  return {
    outgoing: [...outgoing],
    sent: { ...sent },
    moves: out + back,
    bucket: bucket === null ? 'none' : bucket.closed ? 'closed' : 'open',
  };
}
