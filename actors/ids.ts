/**
 * Branded identifiers and money. Both are parsed once, at the edge (zod, in gateway/ and stores/), and are
 * trusted from there on. An id is an opaque string with a type prefix and a UUIDv7 body in hex: sortable by time.
 */
declare const brand: unique symbol;
export type Branded<T, B extends string> = T & { readonly [brand]: B };

export type UserId = Branded<string, 'UserId'>;
export type OrderId = Branded<string, 'OrderId'>;
export type PaymentId = Branded<string, 'PaymentId'>;
export type RefundId = Branded<string, 'RefundId'>;
export type AddressId = Branded<string, 'AddressId'>;
export type ProductId = Branded<string, 'ProductId'>;
export type SellerId = Branded<string, 'SellerId'>;
export type ReturnId = Branded<string, 'ReturnId'>;
/** A flash sale. */
export type SaleId = Branded<string, 'SaleId'>;
/** An offer with its terms, and the quota of the same id. */
export type PromotionId = Branded<string, 'PromotionId'>;
/** Money on its way into a wallet: what its payment is for, as an order is of others. */
export type TopUpId = Branded<string, 'TopUpId'>;
/** Promotional credit, as it was given. */
export type GrantId = Branded<string, 'GrantId'>;
export type WarehouseId = Branded<string, 'WarehouseId'>;
/**
 * Stock keeping unit: 1–64 of `A-Z a-z 0-9 _ -`, so that it is one NATS subject token as it is. As the id of a stock
 * ledger it may also name a bucket, a part of a SKU's stock that is set aside for a sale: see sku/buckets.ts.
 */
export type Sku = Branded<string, 'Sku'>;

/** Money in minor units of INR (paise), an integer. Documents that carry it say `currency: "INR"`. */
export type Paise = Branded<number, 'Paise'>;

/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number;

/** Six digits, the first not 0 (India Post). */
export type Pincode = Branded<string, 'Pincode'>;

export const paise = (amount: number): Paise => {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not an amount in paise: ${amount}`);
  return amount as Paise;
};

export const times = (price: Paise, quantity: number): Paise => paise(price * quantity);

export const sum = (amounts: Iterable<Paise>): Paise => {
  let total = 0;
  for (const amount of amounts) total += amount;
  return paise(total);
};
