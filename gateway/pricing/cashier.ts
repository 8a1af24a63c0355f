/**
 * What a cart comes to and what an order will: the same question, asked of the same engine, with the promotions that this
 * gateway knows. Nothing here waits for anybody unless an offer with limits, or one for first orders, is in play.
 */
import type { LimitedOffer } from '../../actors/checkout/offers/claims.ts';
import { type Paise, type PromotionId, paise, type UserId } from '../../actors/ids.ts';
import type { PaymentMethod } from '../../actors/order/order.ts';
import type { Offer, OfferRefusal, OutOfReach } from '../../actors/pricing/offers/offer.ts';
import { price } from '../../actors/pricing/price.ts';
import type { PricedItem, PriceRequest, Quote } from '../../actors/pricing/request.ts';
import type { Place } from '../../actors/pricing/shipping/zones.ts';
import { UNCLASSIFIED } from '../../actors/pricing/tax/rates.ts';
import { stateCodeOf } from '../../actors/pricing/tax/states.ts';
import type { Address } from '../../stores/accounts/port.ts';
import { goodsUnknown } from '../../stores/catalogue/goods.ts';
import type { OfferDocument } from '../../stores/catalogue/port.ts';
import type { OrderHistory } from '../../stores/projections/port.ts';
import type { LivePromotions } from '../promotions/live-promotions.ts';
import type { QuotasLeft } from '../promotions/quotas-left.ts';

export type Basket = {
  readonly items: readonly PricedItem[];
  readonly coupon?: string | undefined;
  readonly deliverTo: Place;
  /** `orders`: as the cart remembers them. */
  readonly customer: { readonly id: UserId; readonly orders: number };
  readonly payment?: { readonly method: PaymentMethod } | undefined;
  /** What a claim has just been refused for. */
  readonly outOfReach?: Readonly<Record<PromotionId, OutOfReach>>;
  /** True: what is left is not asked; a claim will tell. */
  readonly onlyClaims?: boolean;
};

export type Bill = {
  readonly quote: Quote;
  /** Of the offers that count, those to be claimed before the order is placed. */
  readonly limited: readonly LimitedOffer[];
  readonly coupon?: Coupon;
};

/** `problem`: why the code takes nothing off. */
export type Coupon = {
  readonly code: string;
  readonly discount: Paise;
  readonly problem?: OfferRefusal;
  /** `below-minimum`: what is missing. */
  readonly missing?: Paise;
};

export type Cashier = {
  bill(basket: Basket): Promise<Bill>;
};

type Parts = {
  readonly promotions: LivePromotions;
  readonly quotas: QuotasLeft;
  readonly orders: OrderHistory;
};

export const createCashier = ({ promotions, quotas, orders }: Parts): Cashier => ({
  async bill({ items, coupon, deliverTo, customer, payment, outOfReach, onlyClaims }) {
    const at = Date.now();
    const coupons = coupon === undefined ? [] : [coupon];
    const known = promotions.offersFor(coupons, at);
    const exhausted = known.limited.size === 0 || onlyClaims ? {} : await quotas.exhausted([...known.limited]);
    const request = {
      at,
      items,
      deliverTo,
      offers: known.offers,
      coupons,
      outOfReach: { ...exhausted, ...known.outOfReach, ...outOfReach },
      customer: { orders: await ordersOf(orders, customer, known.offers), segments: [] },
      ...(payment === undefined ? {} : { payment }),
    };
    const quote = quoteFor(request);
    const limited = quote.offers.applied
      .filter(({ id }) => known.limited.has(id))
      .map(({ id, goods, shipping }) => ({ id, amount: paise(goods + shipping) }));
    return { quote, limited, ...(coupon === undefined ? {} : { coupon: couponOf(coupon, quote) }) };
  },
});

/** What was published with an HSN that this gateway's tariff does not have is priced as if it had none. */
function quoteFor(request: PriceRequest): Quote {
  const priced = price(request);
  if (priced.ok) return priced.quote;
  const strange = new Set(priced.faults.map(({ sku }) => sku));
  const items = request.items.map((item) => (strange.has(item.sku) ? { ...item, hsn: UNCLASSIFIED } : item));
  const again = price({ ...request, items });
  if (!again.ok) throw new Error(`cannot be priced: ${JSON.stringify(again.faults)}`);
  return again.quote;
}

function couponOf(code: string, { offers: { applied, refused } }: Quote): Coupon {
  const counted = applied.find((offer) => offer.code === code);
  if (counted !== undefined) return { code, discount: paise(counted.goods + counted.shipping) };
  const { reason: problem = 'unknown-coupon', missing } = refused.find((offer) => offer.code === code) ?? {};
  return { code, discount: paise(0), problem, ...(missing === undefined ? {} : { missing }) };
}

/**
 * Only where it matters, and only for who has ordered before, the history is asked which of these came to nothing. It is a
 * moment behind: what it does not know yet counts. Without it all count.
 */
async function ordersOf(
  history: OrderHistory,
  { id, orders }: Basket['customer'],
  offers: readonly Offer[],
): Promise<number> {
  if (orders === 0 || !offers.some(({ audience }) => audience?.firstOrder)) return orders;
  const page = await history.ofUser(id, {}, { limit: 100 }).catch(() => undefined);
  if (page === undefined) return orders;
  const cancelled = page.data.filter(({ status }) => status === 'CANCELLED').length;
  return Math.max(orders - cancelled, page.data.length - cancelled);
}

export const pricedItem = (offer: OfferDocument | LastSeen, quantity: number): PricedItem => {
  const { sku, sellerId, unitPrice } = offer;
  const goods = ('goods' in offer ? offer.goods : undefined) ?? goodsUnknown(offer);
  return { sku, sellerId, unitPrice, quantity, ...goods };
};

/** What a cart remembers of a SKU that is no longer on sale. */
export type LastSeen = Pick<OfferDocument, 'sku' | 'sellerId' | 'unitPrice'>;

/** undefined: its state is none that tax law knows. */
export function placeOf({ pincode, state: name }: Pick<Address, 'pincode' | 'state'>): Place | undefined {
  const state = stateCodeOf(name);
  return state === undefined ? undefined : { pincode, state };
}
