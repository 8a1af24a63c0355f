/** What is to be priced, and what it comes to: data in, data out. Amounts are tax-inclusive unless named otherwise. */
import type { Instant, Paise, PromotionId, SellerId, Sku } from '../ids.ts';
import type { PaymentMethod, Totals } from '../order/order.ts';
import type { Offer, OfferRefusal, OutOfReach } from './offers/offer.ts';
import type { Parcel, ShippingRates } from './shipping/charges.ts';
import type { Place } from './shipping/zones.ts';
import type { TaxSplit } from './tax/gst.ts';
import type { StateCode } from './tax/states.ts';

/** A SKU is there once. */
export type PricedItem = {
  readonly sku: Sku;
  readonly sellerId: SellerId;
  /** Where the seller is registered: the first two digits of the GSTIN. */
  readonly sellerState: StateCode;
  /** Where it is sent from. */
  readonly origin: Place;
  readonly brand: string | null;
  /** From the root. */
  readonly category: readonly string[];
  /** Four to eight digits. */
  readonly hsn: string;
  readonly unitPrice: Paise;
  readonly quantity: number;
  /** What the courier counts for one: the greater of weight and volume. */
  readonly grams: number;
};

export type PriceRequest = {
  readonly at: Instant;
  readonly items: readonly PricedItem[];
  readonly deliverTo: Place;
  /** Automatic ones, and those with a code, which count only when it was entered. In any order. */
  readonly offers: readonly Offer[];
  readonly coupons: readonly string[];
  /** What is known of offers beyond their terms: their uses have run out, they are paused. */
  readonly outOfReach?: Readonly<Record<PromotionId, OutOfReach>>;
  readonly customer: { readonly orders: number; readonly segments: readonly string[] };
  /** Not chosen yet: offers of a method do not count, and nothing is charged for paying in cash. */
  readonly payment?: { readonly method: PaymentMethod; readonly bank?: string };
  readonly rates?: ShippingRates;
};

export type Discount = { readonly offer: PromotionId; readonly amount: Paise };

export type QuotedLine = {
  readonly sku: Sku;
  readonly sellerId: SellerId;
  readonly hsn: string;
  readonly quantity: number;
  readonly unitPrice: Paise;
  readonly gross: Paise;
  /** In the order in which they were taken. */
  readonly discounts: readonly Discount[];
  /** gross − discounts: what is paid for it. */
  readonly net: Paise;
  readonly tax: TaxSplit;
  /** Its part of what is charged for bringing it and for taking cash, taxed as it is. */
  readonly charges: { readonly amount: Paise; readonly tax: TaxSplit };
};

export type AppliedOffer = {
  readonly id: PromotionId;
  readonly code?: string;
  readonly title: string;
  /** Off the goods, and off the shipping: together what a claim on its budget is for. */
  readonly goods: Paise;
  readonly shipping: Paise;
  /** Only when it is paid so. */
  readonly methods?: readonly PaymentMethod[];
};

export type RefusedOffer = {
  readonly id?: PromotionId;
  readonly code?: string;
  readonly reason: OfferRefusal;
  /** `below-minimum`: what is missing. */
  readonly missing?: Paise;
};

export type Quote = {
  /** In the order of the items. */
  readonly lines: readonly QuotedLine[];
  readonly offers: { readonly applied: readonly AppliedOffer[]; readonly refused: readonly RefusedOffer[] };
  readonly parcels: readonly Parcel[];
  /** `charged` is what is left of `before` after offers. `tax` is inside, of the lines' charges. */
  readonly shipping: { readonly before: Paise; readonly charged: Paise };
  readonly codFee: Paise;
  /** As in the API: `shipping` is with the fee for cash; total = items − discount + shipping. */
  readonly totals: Totals;
};

export type PricingFault = { readonly sku: Sku; readonly code: 'unknown-hsn' | 'duplicate-sku' };

export type Priced =
  | { readonly ok: true; readonly quote: Quote }
  | { readonly ok: false; readonly faults: readonly PricingFault[] };
