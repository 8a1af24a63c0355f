/**
 * What an order costs, to the paisa: goods, offers, shipping, the fee for cash, and the tax inside. Pure, and the same
 * for the same request whatever the order of its offers, coupons and items; cart, checkout and invoice ask the same.
 *
 * Bringing goods and taking cash for them are no supplies of their own but part of the supply of the goods: a composite
 * supply, taxed as its principal supply is (CGST Act, s. 2(30) with its illustration, and s. 8(a)), their price part of
 * the goods' value (s. 15(2)(c), incidental expenses). Goods of several rates in a parcel: its charge is spread over
 * them by what is paid for each. A discount that is on the invoice is no part of the value (s. 15(3)(a)).
 */
import { paise, type Sku, sum } from '../ids.ts';
import { chargesOf, linesOf } from './lines.ts';
import { appliedBy, candidates, refusedBy } from './offers/candidates.ts';
import { bestPlan } from './offers/plan.ts';
import type { Priced, PricedItem, PriceRequest, PricingFault, Quote } from './request.ts';
import { parcelsOf, SHIPPING_RATES, shippingOf } from './shipping/charges.ts';
import { rateAt, taxOf } from './tax/gst.ts';
import type { Rate } from './tax/rates.ts';

export function price(request: PriceRequest): Priced {
  const { items, at, deliverTo, rates = SHIPPING_RATES } = request;
  const tariff = new Map(items.map(({ sku, hsn }) => [sku, rateAt(hsn, at)]));
  const faults = faultsOf(items, tariff);
  if (faults.length > 0) return { ok: false, faults };

  const offers = candidates(request);
  const parcels = parcelsOf(items.map(weighed), deliverTo, rates);
  const plan = bestPlan(offers.eligible, request, (goods) => shippingOf(parcels, goods, rates));
  const codFee = request.payment?.method === 'cod' && items.length > 0 ? rates.codFee : paise(0);
  const lines = linesOf(request, plan, tariff, chargesOf(items, plan, parcels, codFee));

  const charges = paise(plan.shipping.charged + codFee);
  const gross = sum(lines.map((line) => line.gross));
  const goods = sum(lines.map((line) => line.net));
  const tax = sum(lines.flatMap((line) => [taxOf(line.tax), taxOf(line.charges.tax)]));
  const quote: Quote = {
    lines,
    offers: { applied: appliedBy(plan), refused: refusedBy(offers, plan) },
    parcels,
    shipping: plan.shipping,
    codFee,
    totals: {
      items: gross,
      discount: paise(gross - goods),
      shipping: charges,
      tax,
      total: paise(goods + charges),
    },
  };
  return { ok: true, quote };
}

const weighed = ({ sellerId, origin, grams, quantity }: PricedItem) => ({ sellerId, origin, grams: grams * quantity });

function faultsOf(items: readonly PricedItem[], tariff: ReadonlyMap<Sku, Rate | undefined>): readonly PricingFault[] {
  return items.flatMap(({ sku }, index): PricingFault[] => {
    if (items.findIndex((item) => item.sku === sku) !== index) return [{ sku, code: 'duplicate-sku' }];
    return tariff.get(sku) === undefined ? [{ sku, code: 'unknown-hsn' }] : [];
  });
}
