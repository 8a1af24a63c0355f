/** Which offers come into question, and what is told of them afterwards. */
import { type Paise, type PromotionId, sum } from '../../ids.ts';
import type { AppliedOffer, Discount, PriceRequest, RefusedOffer } from '../request.ts';
import { ineligible } from './eligible.ts';
import type { Offer } from './offer.ts';
import type { BestPlan, Plan } from './plan.ts';

export type Candidates = { readonly eligible: readonly Offer[]; readonly refused: readonly RefusedOffer[] };

export function candidates(request: PriceRequest): Candidates {
  const entered = new Set(request.coupons);
  const offers = request.offers.filter(({ code }) => code === undefined || entered.has(code));
  const eligible: Offer[] = [];
  const refused: RefusedOffer[] = [];
  for (const offer of offers) {
    const why = ineligible(offer, request);
    if (why === undefined) eligible.push(offer);
    else refused.push({ ...named(offer), ...why });
  }
  for (const code of entered)
    if (!offers.some((offer) => offer.code === code)) refused.push({ code, reason: 'unknown-coupon' });
  return { eligible, refused };
}

const named = ({ id, code }: Offer) => (code === undefined ? { id } : { id, code });

/** In one order, whatever the request's. An offer that was left out for a better one is told apart from one worth nothing. */
export function refusedBy({ eligible, refused }: Candidates, plan: BestPlan): readonly RefusedOffer[] {
  const reasonOf = ({ id }: Offer) => (plan.idle.has(id) ? 'no-benefit' : 'better-offer-applied');
  const left = eligible.filter((offer) => !plan.offers.includes(offer));
  const key = ({ id, code }: RefusedOffer): string => `${id ?? ''} ${code ?? ''}`;
  return [...refused, ...left.map((offer) => ({ ...named(offer), reason: reasonOf(offer) }) as const)].sort((a, b) =>
    key(a) < key(b) ? -1 : 1,
  );
}

export function appliedBy({ offers, discounts, waived }: Plan): readonly AppliedOffer[] {
  const goods = [...discounts.values()].flat();
  const of = (id: PromotionId, taken: readonly Discount[]): Paise =>
    sum(taken.filter(({ offer }) => offer === id).map(({ amount }) => amount));
  return offers.map((offer) => ({
    ...named(offer),
    title: offer.title,
    goods: of(offer.id, goods),
    shipping: of(offer.id, waived),
    ...(offer.payment === undefined ? {} : { methods: offer.payment.methods }),
  }));
}
