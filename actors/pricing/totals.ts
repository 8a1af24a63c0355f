/**
 * What an order costs. Prices are tax-inclusive; the tax shown is the part that they contain. One flat GST rate
 * until rates by HSN code are there.
 */
import { type Paise, paise, sum, times } from '../ids.ts';
import type { Totals } from '../order/order.ts';

export const GST_PERCENT = 18;
export const SHIPPING_FEE = paise(40_00);
/** Free from this amount on, after the discount. */
export const FREE_SHIPPING_FROM = paise(499_00);

export type PricedLine = { readonly unitPrice: Paise; readonly quantity: number };

export const shippingFor = (goods: Paise): Paise => (goods >= FREE_SHIPPING_FROM ? paise(0) : SHIPPING_FEE);

/** `percent / (100 + percent)` of a tax-inclusive amount, rounded half up, in integers. */
export const taxIncludedIn = (amount: Paise, percent = GST_PERCENT): Paise =>
  paise(Math.floor((2 * amount * percent + 100 + percent) / (2 * (100 + percent))));

/** total = items − discount + shipping. No lines: nothing is shipped. */
export function totalsOf(lines: readonly PricedLine[], discount: Paise = paise(0)): Totals {
  const items = sum(lines.map((line) => times(line.unitPrice, line.quantity)));
  const goods = paise(items - discount);
  const shipping = lines.length === 0 ? paise(0) : shippingFor(goods);
  const total = paise(goods + shipping);
  return { items, discount, shipping, tax: taxIncludedIn(total), total };
}
