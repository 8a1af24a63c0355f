/**
 * What an offer takes off each line, when its turn comes. The discount as a whole is rounded once, half up to the paisa,
 * capped, and spread over the lines by what is left of their price (spread.ts): no line goes below nothing.
 */
import { type Paise, paise, type Sku, sum } from '../../ids.ts';
import type { PricedItem } from '../request.ts';
import { ofFirst, rounded, type Share, spread } from '../spread.ts';
import { inScope } from './eligible.ts';
import type { Offer } from './offer.ts';

/** What is left to pay of each line, by SKU. */
export type Left = ReadonlyMap<Sku, Paise>;

const WHOLE = 10_000;

export function take(offer: Offer, items: readonly PricedItem[], left: Left): ReadonlyMap<Sku, Paise> {
  const scope = items.filter((item) => inScope(item, offer.scope));
  const { off, shares } = discounted(offer, scope, left);
  const whole = shares.reduce((total, { weight }) => total + weight, 0);
  const amount = paise(Math.min(off, whole, offer.cap ?? off));
  if (amount === 0) return new Map();
  const parts = spread(amount, shares);
  return new Map(shares.map(({ key }, index) => [key as Sku, parts[index] ?? paise(0)]));
}

type Discounted = { readonly off: Paise; readonly shares: readonly Share[] };

function discounted({ benefit }: Offer, scope: readonly PricedItem[], left: Left): Discounted {
  const shares = scope.map(({ sku }) => ({ key: sku, weight: left.get(sku) ?? 0 }));
  switch (benefit.type) {
    case 'percent':
      return {
        off: rounded(sum(scope.map(({ sku }) => left.get(sku) ?? paise(0))), benefit.basisPoints, WHOLE),
        shares,
      };
    case 'flat':
      return { off: benefit.amount, shares };
    case 'buy-x-get-y':
      return bundles(benefit, scope, left);
    case 'free-shipping':
      return { off: paise(0), shares };
    default:
      return benefit satisfies never;
  }
}

type Bundle = Extract<Offer['benefit'], { type: 'buy-x-get-y' }>;

/**
 * All units of the scope, the dearest first, in rows of `buy + get`; a row that is not full gets nothing. What is off is
 * spread over all units of full rows, those bought too: who returns the one that was paid for has not kept a free one.
 */
function bundles({ buy, get, basisPoints }: Bundle, scope: readonly PricedItem[], left: Left): Discounted {
  const units = scope
    .flatMap(({ sku, quantity }) => {
      const whole = left.get(sku) ?? paise(0);
      const upTo = (count: number): Paise => ofFirst(whole, quantity, count);
      return Array.from({ length: quantity }, (_, unit) => ({ sku, worth: upTo(unit + 1) - upTo(unit) }));
    })
    .sort((a, b) => b.worth - a.worth || (a.sku < b.sku ? -1 : 1));
  const row = buy + get;
  const inRows = units.slice(0, units.length - (units.length % row));
  const got = inRows.filter((_, index) => index % row >= buy).reduce((total, { worth }) => total + worth, 0);
  const weights = new Map<Sku, number>();
  for (const { sku, worth } of inRows) weights.set(sku, (weights.get(sku) ?? 0) + worth);
  return {
    off: rounded(paise(got), basisPoints, WHOLE),
    shares: [...weights].map(([key, weight]) => ({ key, weight })),
  };
}
