/** An order's lines with all that falls to each: discounts, its part of the charges, the tax inside both. */
import { type Paise, paise, type Sku, sum, times } from '../ids.ts';
import type { Plan } from './offers/plan.ts';
import type { PricedItem, PriceRequest, QuotedLine } from './request.ts';
import type { Parcel } from './shipping/charges.ts';
import { spread } from './spread.ts';
import { basisPoints, taxInside } from './tax/gst.ts';
import type { Rate } from './tax/rates.ts';

const netOf = ({ sku, unitPrice, quantity }: PricedItem, { discounts }: Plan): Paise =>
  paise(times(unitPrice, quantity) - sum((discounts.get(sku) ?? []).map(({ amount }) => amount)));

/** Each line's part: of its own parcel's charge, and of the fee for cash. */
export function chargesOf(items: readonly PricedItem[], plan: Plan, parcels: readonly Parcel[], codFee: Paise) {
  const charges = new Map<Sku, Paise>();
  const divide = (amount: Paise, over: readonly PricedItem[]): void => {
    const parts = spread(
      amount,
      over.map((item) => ({ key: item.sku, weight: netOf(item, plan) })),
    );
    for (const [index, { sku }] of over.entries())
      charges.set(sku, paise((charges.get(sku) ?? 0) + (parts[index] ?? 0)));
  };
  const keyOf = (sellerId: string, pincode: string): string => `${sellerId} ${pincode}`;
  const shares = parcels.map(({ sellerId, from, charge }) => ({ key: keyOf(sellerId, from.pincode), weight: charge }));
  for (const [index, amount] of spread(plan.shipping.charged, shares).entries())
    divide(
      amount,
      items.filter(({ sellerId, origin }) => keyOf(sellerId, origin.pincode) === shares[index]?.key),
    );
  divide(codFee, items);
  return charges;
}

export function linesOf(
  { items, deliverTo }: PriceRequest,
  plan: Plan,
  tariff: ReadonlyMap<Sku, Rate | undefined>,
  charges: ReadonlyMap<Sku, Paise>,
): readonly QuotedLine[] {
  return items.map((item) => {
    const { sku, sellerId, hsn, quantity, unitPrice, sellerState } = item;
    const net = netOf(item, plan);
    const rate = basisPoints(tariff.get(sku) ?? 0, net, quantity);
    const supply = { from: sellerState, to: deliverTo.state };
    const amount = charges.get(sku) ?? paise(0);
    return {
      ...{ sku, sellerId, hsn, quantity, unitPrice },
      gross: times(unitPrice, quantity),
      discounts: plan.discounts.get(sku) ?? [],
      net,
      tax: taxInside(net, rate, supply),
      charges: { amount, tax: taxInside(amount, rate, supply) },
    };
  });
}
