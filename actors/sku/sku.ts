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
 * How long a restock is known, so that its repeat counts nothing: twice as long as any order lives after it is sold
 * (delivery, return window, the goods on their way back), and longer than the dead letters that could repeat it are
 * worth anything. Kept are restocks, not sales: 150 bytes of memory, 70 of a snapshot, for each that came in this time.
 */
export const RESTOCKS_KNOWN_MS = 60 * 24 * 3600 * 1000;
/** Sales remembered, at least; twice as many before the oldest are forgotten. */
export const REMEMBERED_SALES = 4_096;

import type { Instant, OrderId, Pincode, UserId, WarehouseId } from '../ids.ts';
import type {
  LimitReached,
  TransferContract,
  TransferEvent,
  TransferState,
  TransferView,
} from './buckets/transfers.ts';

export type Allocation = { readonly warehouseId: WarehouseId; readonly quantity: number };

export type SkuEvent =
  | TransferEvent
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
      /** In a bucket: whose allowance it is of. */
      readonly customer?: UserId;
    }
  /** The hold became a sale; the units leave `onHand`. (Of a lapsed hold: served afresh, from these, for `customer`.) */
  | {
      readonly type: 'StockCommitted';
      readonly orderId: OrderId;
      readonly allocations: readonly Allocation[];
      readonly customer?: UserId;
    }
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
      readonly customer?: UserId;
    }
  /** Available fell to the reorder point or below it (once per fall). */
  | { readonly type: 'ReorderPointReached'; readonly warehouseId: WarehouseId; readonly available: number };

export type OutOfStock = { readonly type: 'out-of-stock'; readonly available: number };
export type BelowReserved = { readonly type: 'below-reserved'; readonly reserved: number };
export type UnknownWarehouse = { readonly type: 'unknown-warehouse'; readonly warehouseId: WarehouseId };

/** `customer`: in a bucket, where it is counted how much each has had. */
export type SkuContract = TransferContract & {
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
      readonly customer?: UserId;
    };
    /** `last`: nothing is free in this bucket any more. */
    result: { readonly allocations: readonly Allocation[]; readonly last?: true };
    rejection: OutOfStock | LimitReached;
  };
  /** `quantity`, `pincode`: to serve it afresh if the hold has lapsed. The answer is empty for a repeat. */
  commit: {
    input: {
      readonly orderId: OrderId;
      readonly quantity: number;
      readonly pincode: Pincode;
      readonly customer?: UserId;
    };
    result: { readonly allocations: readonly Allocation[] };
    rejection: OutOfStock;
  };
  release: { input: { readonly orderId: OrderId }; result: null; rejection: never };
  /**
   * `reference` names the cause (`cancel`, a return id): the same reference for the same order counts once. What was
   * never sold does not come back: of an order that still holds it is a release.
   */
  restock: {
    input: {
      readonly orderId: OrderId;
      readonly reference: string;
      readonly allocations: readonly Allocation[];
      readonly customer?: UserId;
    };
    result: null;
    rejection: never;
  };
};

export type Hold = {
  readonly allocations: readonly Allocation[];
  readonly expiresAt: Instant;
  readonly customer?: UserId;
};

export type WarehouseStock = {
  pincode: Pincode;
  onHand: number;
  /** Sum of the holds here, expired ones included until they are taken back. */
  reserved: number;
  reorderPoint: number;
  belowReorderPoint: boolean;
};

/** Changed in place by `evolve`: see ActorKind.evolve. */
export type SkuState = TransferState & {
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
  /**
   * Recent sales. A run of the checkout that was stopped for a while, and asks for its hold only when another run has
   * sold it, must not get a second one: what is cancelled later would be taken for a hold given back, and its sold units
   * would never come back.
   */
  sales: Record<OrderId, 1>;
  salesRemembered: number;
  /** Units over the whole history: received (less written off) − sold + restocked = onHand. */
  received: number;
  sold: number;
  restocked: number;
  /** When each restock came, by `orderId:reference`, oldest first. */
  restocks: Record<string, Instant>;
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
  readonly transfers?: TransferView;
};
