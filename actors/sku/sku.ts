/**
 * The stock of one SKU over its warehouses: the actor's id is the SKU. A unit is promised to one buyer only.
 *
 *   available + reserved = onHand, each ≥ 0, per warehouse, at all times; sold ≤ received.
 *
 * A hold carries its own `expiresAt`: an expired hold is free the moment anyone asks for the stock, so nothing
 * leaks even if every timer is lost. A hold that lapsed in this way is remembered (`lapsed`), so that a commit
 * that comes after all is either served from what is left or told `out-of-stock`, and a repeated commit of a
 * hold that was already sold stays harmless: no hold and not lapsed means already committed.
 *
 * A command costs the same with ten holds and with ten thousand: the sums are kept, and holds are gone through
 * only when one of them has surely expired.
 */

/** Holds taken back by one command beyond what it needs itself: a commit must stay a small message. */
export const MAX_LAPSES = 100;
/**
 * Restocks remembered. A restock is repeated within the redeliveries of one event (minutes); to slip through, as many
 * others must have come to this SKU meanwhile, and even then no more comes back than was sold.
 */
export const REMEMBERED_RESTOCKS = 128;

import type { Instant, OrderId, Pincode, WarehouseId } from '../ids.ts';

export type Allocation = { readonly warehouseId: WarehouseId; readonly quantity: number };

export type SkuEvent =
  | {
      readonly type: 'StockSet';
      readonly warehouseId: WarehouseId;
      readonly pincode: Pincode;
      readonly onHand: number;
      /** onHand − what it was before: received (+) or written off (−). */
      readonly delta: number;
      readonly reorderPoint: number;
    }
  | {
      readonly type: 'StockAdjusted';
      readonly warehouseId: WarehouseId;
      readonly delta: number;
      readonly reason: string;
    }
  | {
      readonly type: 'StockReserved';
      readonly orderId: OrderId;
      readonly allocations: readonly Allocation[];
      readonly expiresAt: Instant;
    }
  /** The hold became a sale; the units leave `onHand`. (Of a lapsed hold: served afresh, from these.) */
  | { readonly type: 'StockCommitted'; readonly orderId: OrderId; readonly allocations: readonly Allocation[] }
  /** Without allocations: the hold had lapsed before, and need not be remembered any longer. */
  | { readonly type: 'StockReleased'; readonly orderId: OrderId; readonly allocations: readonly Allocation[] }
  /** An expired hold, taken back because someone asked. */
  | { readonly type: 'HoldLapsed'; readonly orderId: OrderId; readonly allocations: readonly Allocation[] }
  /** Sold units that came back (cancelled before shipping, or returned in good order). */
  | {
      readonly type: 'StockRestocked';
      readonly orderId: OrderId;
      readonly reference: string;
      readonly allocations: readonly Allocation[];
    }
  /** Available fell to the reorder point or below it (once per fall). */
  | { readonly type: 'ReorderPointReached'; readonly warehouseId: WarehouseId; readonly available: number };

export type OutOfStock = { readonly type: 'out-of-stock'; readonly available: number };
export type BelowReserved = { readonly type: 'below-reserved'; readonly reserved: number };
export type UnknownWarehouse = { readonly type: 'unknown-warehouse'; readonly warehouseId: WarehouseId };

export type SkuContract = {
  setStock: {
    input: {
      readonly warehouseId: WarehouseId;
      readonly pincode: Pincode;
      readonly onHand: number;
      readonly reorderPoint?: number;
    };
    result: null;
    rejection: BelowReserved;
  };
  adjustStock: {
    input: { readonly warehouseId: WarehouseId; readonly delta: number; readonly reason: string };
    result: null;
    rejection: BelowReserved | UnknownWarehouse;
  };
  /** Nearest warehouse by pincode prefix that has all of it; split over several only when no one has. Repeat with the same order id: the same hold. */
  reserve: {
    input: {
      readonly orderId: OrderId;
      readonly quantity: number;
      readonly pincode: Pincode;
      readonly expiresAt: Instant;
    };
    result: { readonly allocations: readonly Allocation[] };
    rejection: OutOfStock;
  };
  /** `quantity`, `pincode`: to serve it afresh if the hold has lapsed. The answer is empty for a repeat. */
  commit: {
    input: { readonly orderId: OrderId; readonly quantity: number; readonly pincode: Pincode };
    result: { readonly allocations: readonly Allocation[] };
    rejection: OutOfStock;
  };
  release: { input: { readonly orderId: OrderId }; result: null; rejection: never };
  /**
   * `reference` names the cause (`cancel`, a return id): the same reference for the same order counts once. What was
   * never sold does not come back: of an order that still holds it is a release.
   */
  restock: {
    input: { readonly orderId: OrderId; readonly reference: string; readonly allocations: readonly Allocation[] };
    result: null;
    rejection: never;
  };
};

export type Hold = { readonly allocations: readonly Allocation[]; readonly expiresAt: Instant };

export type WarehouseStock = {
  pincode: Pincode;
  onHand: number;
  /** Sum of the holds here, expired ones included until they are taken back. */
  reserved: number;
  reorderPoint: number;
  belowReorderPoint: boolean;
};

/** Changed in place by `evolve`: see ActorKind.evolve. */
export type SkuState = {
  warehouses: Record<WarehouseId, WarehouseStock>;
  holds: Record<OrderId, Hold>;
  /** How many holds expire in each second (of the epoch), and the first such second. */
  expiring: Record<number, number>;
  firstExpiry: number | null;
  /**
   * Orders whose hold lapsed. Never forgotten by age or number, as a forgotten one would look like a sale; it is
   * bounded by the orders in flight, since every order ends in a commit, a release or a restock, which take it out.
   */
  lapsed: Record<OrderId, Instant>;
  /** Units over the whole history: received (less written off) − sold + restocked = onHand. */
  received: number;
  sold: number;
  restocked: number;
  /** `orderId:reference` of recent restocks. */
  restocks: string[];
};

export type SkuView = {
  readonly warehouses: readonly {
    readonly warehouseId: WarehouseId;
    readonly onHand: number;
    readonly available: number;
    readonly reserved: number;
    readonly reorderPoint: number;
  }[];
  readonly available: number;
  readonly reserved: number;
  /** Less what was written off. */
  readonly received: number;
  /** Less what came back: received − sold = onHand. */
  readonly sold: number;
};
