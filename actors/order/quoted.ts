/**
 * What was quoted, as an order keeps it: only what cannot be said again from the line itself. Facts, not rules: what was
 * taken off and taxed then stays, whatever the rates and roundings of later code. Events are read for years and written
 * thousands of times a second, so what is nothing is left out.
 */
import { type Paise, type PromotionId, paise, sum, times } from '../ids.ts';
import type { Discount, Quote, QuotedLine } from '../pricing/request.ts';
import { type TaxSplit, taxOf } from '../pricing/tax/gst.ts';
import type { OrderLine, PaymentMethod } from './order.ts';

export type LineQuote = {
  readonly hsn: string;
  /** In basis points, and which tax: CGST with SGST (or UTGST), each a half, or IGST. */
  readonly rate: number;
  readonly levy: TaxSplit['levy'];
  /** Inside what is paid for the line. */
  readonly tax: Paise;
  readonly discounts?: readonly Discount[];
  /** Its part of shipping and of the fee for cash, and the tax inside. */
  readonly charge?: { readonly amount: Paise; readonly tax: Paise };
};

/** An offer that the order had. `limited`: claimed of its quota (actors/quota), confirmed when the order is. */
export type OrderOffer = {
  readonly id: PromotionId;
  readonly code?: string;
  readonly title: string;
  readonly goods: Paise;
  readonly shipping: Paise;
  readonly limited?: true;
  /** Only paid so. */
  readonly methods?: readonly PaymentMethod[];
};

export function lineQuote({ hsn, tax, discounts, charges }: QuotedLine): LineQuote {
  const { amount } = charges;
  return {
    hsn,
    rate: tax.rate,
    levy: tax.levy,
    tax: taxOf(tax),
    ...(discounts.length === 0 ? {} : { discounts }),
    ...(amount === 0 ? {} : { charge: { amount, tax: taxOf(charges.tax) } }),
  };
}

/** `limited`: the ids of those with a quota. */
export function orderOffers({ offers }: Quote, limited: ReadonlySet<PromotionId>): readonly OrderOffer[] {
  return offers.applied.map(({ id, code, title, goods, shipping, methods }) => ({
    id,
    ...(code === undefined ? {} : { code }),
    title,
    goods,
    shipping,
    ...(limited.has(id) ? { limited: true as const } : {}),
    ...(methods === undefined ? {} : { methods }),
  }));
}

/** As it was quoted, for refunds, invoices and credit notes. undefined: ordered before lines were quoted. */
export function quotedLine({ sku, sellerId, quantity, unitPrice, quote }: OrderLine): QuotedLine | undefined {
  if (quote === undefined) return undefined;
  const { hsn, rate, levy, tax, discounts = [], charge } = quote;
  const gross = times(unitPrice, quantity);
  const net = paise(gross - sum(discounts.map(({ amount }) => amount)));
  const { amount, tax: chargeTax } = charge ?? { amount: paise(0), tax: paise(0) };
  return {
    ...{ sku, sellerId, hsn, quantity, unitPrice, gross, discounts, net },
    tax: split(net, tax, rate, levy),
    charges: { amount, tax: split(amount, chargeTax, rate, levy) },
  };
}

export const netOf = (line: Pick<OrderLine, 'quantity' | 'unitPrice' | 'quote'>): Paise =>
  paise(times(line.unitPrice, line.quantity) - sum((line.quote?.discounts ?? []).map(({ amount }) => amount)));

/** Within a state the tax of a line is even: CGST = SGST. */
function split(price: Paise, tax: Paise, rate: number, levy: TaxSplit['levy']): TaxSplit {
  const half = levy === 'igst' ? paise(0) : paise(tax / 2);
  return { rate, levy, taxable: paise(price - tax), cgst: half, sgst: half, igst: levy === 'igst' ? tax : paise(0) };
}
