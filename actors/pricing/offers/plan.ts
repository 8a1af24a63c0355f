/**
 * Which offers are taken together. Of all that are for this order, the buyer gets the plan that costs least: none, any
 * one alone, or the stackable ones together, of each group only the one that alone takes off most, and, where they leave
 * shipping to be paid, without one that took less than that. So no offer, entered or automatic, ever makes an order dearer; and what
 * was entered or declared first does not matter.
 */
import { type Paise, type PromotionId, paise, type Sku, sum, times } from '../../ids.ts';
import type { Discount, PriceRequest } from '../request.ts';
import { byTurn, type Offer } from './offer.ts';
import { take } from './take.ts';

export type Plan = {
  readonly offers: readonly Offer[];
  /** Off the goods, by SKU, in the order of turns. */
  readonly discounts: ReadonlyMap<Sku, readonly Discount[]>;
  readonly waived: readonly Discount[];
  readonly shipping: { readonly before: Paise; readonly charged: Paise };
  /** Goods and shipping. */
  readonly payable: Paise;
};

/** `idle`: taken alone it would take nothing off. */
export type BestPlan = Plan & { readonly idle: ReadonlySet<PromotionId> };

const MOST_TRIED = 5;

/** `shippingOf`: of goods after discounts, before any offer on shipping. */
export type ShippingOf = (goods: Paise) => Paise;

export function bestPlan(eligible: readonly Offer[], request: PriceRequest, shippingOf: ShippingOf): BestPlan {
  const evaluate = (offers: readonly Offer[]): Plan => evaluated([...offers].sort(byTurn), request, shippingOf);
  const none = evaluate([]);
  const alone = new Map(eligible.map((offer) => [offer, evaluate([offer])]));
  const payableWith = (offer: Offer): number => alone.get(offer)?.payable ?? none.payable;
  const stack = [...groupsOf(eligible).values()].flatMap((group) =>
    group.sort((a, b) => payableWith(a) - payableWith(b) || byTurn(a, b)).slice(0, 1),
  );
  const whole = evaluate(stack);
  const butOne = dispensable(whole).map((out) => evaluate(stack.filter((one) => one !== out)));
  // Where two cost the same: the one with fewer offers (none of them is taken for nothing), then by turn.
  const plans = [none, ...alone.values(), whole, ...butOne];
  const best = plans.reduce((found, plan) => (compare(plan, found) < 0 ? plan : found));
  const idle = eligible.filter((offer) => payableWith(offer) >= none.payable);
  return { ...best, idle: new Set(idle.map(({ id }) => id)) };
}

/** What may have brought the goods below free shipping, and took less than that costs: the least first, a few at most. */
function dispensable({ offers, discounts, shipping }: Plan): readonly Offer[] {
  const taken = new Map<PromotionId, number>();
  for (const { offer, amount } of [...discounts.values()].flat()) taken.set(offer, (taken.get(offer) ?? 0) + amount);
  const tookOf = ({ id }: Offer): number => taken.get(id) ?? 0;
  return offers
    .filter((offer) => tookOf(offer) > 0 && tookOf(offer) < shipping.charged)
    .sort((a, b) => tookOf(a) - tookOf(b) || byTurn(a, b))
    .slice(0, MOST_TRIED);
}

function compare(a: Plan, b: Plan): number {
  const [first, other] = [a.offers[0], b.offers[0]];
  const turn = first && other && first.id !== other.id ? byTurn(first, other) : 0;
  return a.payable - b.payable || a.offers.length - b.offers.length || turn;
}

/** Stackable ones by group; one without a group is a group of its own. */
function groupsOf(offers: readonly Offer[]): Map<string, Offer[]> {
  const groups = new Map<string, Offer[]>();
  for (const offer of offers) {
    if (offer.stacking.type === 'exclusive') continue;
    const { group } = offer.stacking;
    const key = group === undefined ? `offer ${offer.id}` : `group ${group}`;
    groups.set(key, [...(groups.get(key) ?? []), offer]);
  }
  return groups;
}

function evaluated(offers: readonly Offer[], { items }: PriceRequest, shippingOf: ShippingOf): Plan {
  const left = new Map(items.map(({ sku, unitPrice, quantity }) => [sku, times(unitPrice, quantity)]));
  const discounts = new Map<Sku, Discount[]>();
  const taken: Offer[] = [];
  for (const offer of offers) {
    for (const [sku, amount] of take(offer, items, left)) {
      if (amount === 0) continue;
      left.set(sku, paise((left.get(sku) ?? 0) - amount));
      discounts.set(sku, [...(discounts.get(sku) ?? []), { offer: offer.id, amount }]);
      if (taken.at(-1) !== offer) taken.push(offer);
    }
  }
  const goods = sum(left.values());
  const before = shippingOf(goods);
  const waived: Discount[] = [];
  let charged = before;
  for (const offer of offers) {
    if (offer.benefit.type !== 'free-shipping') continue;
    const amount = paise(Math.min(charged, offer.cap ?? charged));
    if (amount === 0) continue;
    waived.push({ offer: offer.id, amount });
    charged = paise(charged - amount);
    taken.push(offer);
  }
  const payable = paise(goods + charged);
  return { offers: taken.sort(byTurn), discounts, waived, shipping: { before, charged }, payable };
}
