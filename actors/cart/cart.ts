/** A customer's cart: the actor's id is the user's id. Prices here are those last seen; checkout fixes them. */
import type { OrderId, Paise, ProductId, SellerId, Sku } from '../ids.ts';

export const MAX_LINES = 50;
export const MAX_QUANTITY = 10;

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
  /** The ordered quantities left the cart; what was added meanwhile stays. */
  | {
      readonly type: 'CartCheckedOut';
      readonly orderId: OrderId;
      readonly lines: readonly { readonly sku: Sku; readonly quantity: number }[];
    }
  /** Nobody touched it for 24 h. */
  | { readonly type: 'CartAbandoned' };

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
  checkOut: {
    input: { readonly orderId: OrderId; readonly lines: readonly { readonly sku: Sku; readonly quantity: number }[] };
    result: null;
    rejection: never;
  };
  remind: { input: { readonly name: string }; result: null; rejection: never };
};

export type CartState = {
  readonly lines: readonly CartLine[];
  /** Epoch ms of the last change; 0 = never used. */
  readonly updatedAt: number;
  readonly abandoned: boolean;
};

export type CartView = { readonly lines: readonly CartLine[]; readonly updatedAt: number };
