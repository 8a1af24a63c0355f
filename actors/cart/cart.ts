/** A customer's cart: the actor's id is the user's id. Prices here are those last seen; checkout fixes them. */
import type { Instant, OrderId, Paise, ProductId, SellerId, Sku } from '../ids.ts';

export const MAX_LINES = 50;
/** Units per line. */
export const MAX_QUANTITY = 10;
export const ABANDONED_AFTER_MS = 24 * 3600 * 1000;
/** A reminder may come this much before its time by the node's clock, which is not the server's. */
export const CLOCK_SKEW_MS = 60_000;
/** How many orders a cart remembers having been emptied for. */
export const REMEMBERED_ORDERS = 16;

/** What the catalogue said of a SKU when it was put into the cart. */
export type Offer = {
  readonly productId: ProductId;
  readonly sellerId: SellerId;
  readonly name: string;
  readonly unitPrice: Paise;
};

export type CartLine = { readonly sku: Sku; readonly quantity: number; readonly offer: Offer };

export type CartEvent =
  | { readonly type: 'ItemAdded'; readonly sku: Sku; readonly quantity: number; readonly offer: Offer }
  | { readonly type: 'QuantityChanged'; readonly sku: Sku; readonly quantity: number }
  | { readonly type: 'ItemRemoved'; readonly sku: Sku }
  /** In place of one that was there. Whether it counts is told whenever the cart is priced. */
  | { readonly type: 'CouponApplied'; readonly code: string }
  | { readonly type: 'CouponRemoved' }
  /** The ordered quantities and the coupon left the cart; what was added meanwhile stays. */
  | {
      readonly type: 'CartCheckedOut';
      readonly orderId: OrderId;
      readonly lines: readonly { readonly sku: Sku; readonly quantity: number }[];
    }
  /** Nobody touched it for 24 h. */
  | { readonly type: 'CartAbandoned' }
  /** The reminder came, but the cart had been used since it was set: ask again then. */
  | { readonly type: 'AbandonmentPostponed'; readonly until: Instant };

export type QuantityLimit = { readonly type: 'quantity-limit'; readonly limit: number };
export type CartFull = { readonly type: 'cart-full'; readonly limit: number };
export type NotInCart = { readonly type: 'not-in-cart'; readonly sku: Sku };

export type CartContract = {
  addItem: {
    input: { readonly sku: Sku; readonly quantity: number; readonly offer: Offer };
    result: CartView;
    rejection: QuantityLimit | CartFull;
  };
  setQuantity: {
    input: { readonly sku: Sku; readonly quantity: number };
    result: CartView;
    rejection: QuantityLimit | NotInCart;
  };
  removeItem: { input: { readonly sku: Sku }; result: CartView; rejection: NotInCart };
  /** Upper case. Repeat: no-op. */
  applyCoupon: { input: { readonly code: string }; result: CartView; rejection: never };
  /** Without one: no-op. */
  removeCoupon: { input: object; result: CartView; rejection: never };
  checkOut: {
    input: { readonly orderId: OrderId; readonly lines: readonly { readonly sku: Sku; readonly quantity: number }[] };
    result: null;
    rejection: never;
  };
  remind: { input: { readonly name: string }; result: null; rejection: never };
};

export type CartState = {
  readonly lines: readonly CartLine[];
  readonly coupon?: string;
  /** Epoch ms of the last change; 0 = never used. */
  readonly updatedAt: Instant;
  /**
   * When the one outstanding reminder comes, null = none is set. It is not moved by every change: a reminder that
   * finds a cart in use is set again, so that a cart costs one timer a day and not one per click.
   */
  readonly remindAt: Instant | null;
  /** The last orders it was checked out into, so that a repeat takes nothing out twice. */
  readonly orders: readonly OrderId[];
};

export type CartView = {
  readonly lines: readonly CartLine[];
  readonly coupon?: string;
  /** How many orders it has been checked out into, of those that it remembers. Absent: none. */
  readonly orders?: number;
  readonly updatedAt: Instant;
};
