/**
 * A flash sale: some SKUs, a price and a number of units for each, from one moment to another. Its stock is set aside
 * before it is a sale at all, so that nothing it promises has to be found later. The actor's id is the sale's; it is
 * asked when a sale begins, ends, sells out or comes back, never by a shopper.
 *
 *   declared ─▶ stocked ─▶ open ─▶ ended ─▶ settled       refused: there was not enough to set aside
 *   declared, stocked ─▶ ended                            ended by hand, or its time went by
 */
import type { Instant, Paise, SaleId, Sku } from '../ids.ts';

export const MAX_ITEMS = 20;
export const MAX_BUCKETS = 64;
/** A reminder may come this much before its time by the node's clock, which is not the server's. */
export const CLOCK_SKEW_MS = 60_000;

export type SaleItem = {
  readonly sku: Sku;
  readonly price: Paise;
  /** Set aside. */
  readonly units: number;
  readonly limitPerCustomer: number;
  readonly buckets: number;
};

/** `inSale`: there is enough of it, and it is in that sale at the same time. */
export type ShortItem = { readonly sku: Sku; readonly available: number; readonly inSale?: SaleId };

export type SaleEvent =
  | {
      readonly type: 'SaleDeclared';
      readonly title: string;
      readonly items: readonly SaleItem[];
      readonly startsAt: Instant;
      readonly endsAt: Instant;
    }
  /** Every unit is in its bucket. */
  | { readonly type: 'SaleStocked' }
  | { readonly type: 'SaleRefused'; readonly short: readonly ShortItem[] }
  | { readonly type: 'SaleOpened' }
  /** Every unit of it is held or sold. */
  | { readonly type: 'ItemSoldOut'; readonly sku: Sku }
  /** Some came back. */
  | { readonly type: 'ItemAvailable'; readonly sku: Sku }
  | { readonly type: 'SaleEnded'; readonly by: 'time' | 'ops' }
  /** Nothing is held for it any more, and what was left is back in the SKUs' own stock. */
  | { readonly type: 'SaleSettled' };

export type SaleOver = { readonly type: 'sale-over'; readonly status: SaleStage };

export type SaleContract = {
  /** A repeat with the same id changes nothing. */
  declare: { input: Omit<Extract<SaleEvent, { type: 'SaleDeclared' }>, 'type'>; result: null; rejection: never };
  recordStocked: { input: object; result: null; rejection: SaleOver };
  refuse: { input: { readonly short: readonly ShortItem[] }; result: null; rejection: SaleOver };
  /** Moot unless the sale is open and has the item. */
  recordSoldOut: { input: { readonly sku: Sku }; result: null; rejection: never };
  recordAvailable: { input: { readonly sku: Sku }; result: null; rejection: never };
  /** Before its time. Moot once it is over; refused for a sale that there is not. */
  end: { input: object; result: null; rejection: SaleOver };
  recordSettled: { input: object; result: null; rejection: never };
  remind: { input: { readonly name: string }; result: null; rejection: never };
};

type Declared = {
  readonly title: string;
  readonly items: readonly SaleItem[];
  readonly soldOut: readonly Sku[];
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly declaredAt: Instant;
};

export type SaleState =
  | { readonly status: 'none' }
  | (Declared & { readonly status: 'declared' | 'stocked' | 'open' | 'ended' | 'settled' })
  | (Declared & { readonly status: 'refused'; readonly short: readonly ShortItem[] });

export type SaleStage = SaleState['status'];
export type SaleView = SaleState;
export type DeclaredSale = Exclude<SaleView, { status: 'none' }>;
