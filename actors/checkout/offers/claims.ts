/**
 * An order's offers and their quotas: all of them claimed before the order is placed, or none; confirmed when it is paid,
 * given back when it ends. Each step may be repeated, by whoever takes the order over. Offers without limits have no
 * quota and are not among these.
 */
import type { Actors } from '../../clients.ts';
import type { Instant, OrderId, Paise, PromotionId, UserId } from '../../ids.ts';
import type { OutOfReach } from '../../pricing/offers/offer.ts';
import type { QuotaContract } from '../../quota/quota.ts';

/** What an offer takes off the order, shipping counted: what its budget is charged with. */
export type LimitedOffer = { readonly id: PromotionId; readonly amount: Paise };

export type OffersClaim = {
  readonly orderId: OrderId;
  readonly customer: UserId;
  readonly offers: readonly LimitedOffer[];
  /** Later than the order's own deadline: see HOLD_GRACE_MS. */
  readonly expiresAt: Instant;
};

/** `outOfReach`: what to price the order with instead (PriceRequest.outOfReach). */
export type OffersClaimed =
  | { readonly ok: true }
  | { readonly ok: false; readonly outOfReach: Readonly<Record<PromotionId, OutOfReach>> };

type Quotas = Pick<Actors, 'quota'>;

export async function claimOffers(actors: Quotas, claim: OffersClaim): Promise<OffersClaimed> {
  const { orderId, customer, offers, expiresAt } = claim;
  const refused = await Promise.all(
    offers.map(async ({ id, amount }) => {
      const outcome = await actors.quota(id).claim({ orderId, customer, amount, expiresAt });
      return outcome.ok ? [] : [[id, reasonOf(outcome.rejection)] as const];
    }),
  );
  const outOfReach: Readonly<Record<PromotionId, OutOfReach>> = Object.fromEntries(refused.flat());
  if (refused.flat().length === 0) return { ok: true };
  await releaseOffers(actors, orderId, offers);
  return { ok: false, outOfReach };
}

/** Those whose claim had run out meanwhile, with nothing left for this order: who bears them is for the caller to say. */
export async function confirmOffers(
  actors: Quotas,
  orderId: OrderId,
  offers: readonly LimitedOffer[],
): Promise<readonly LimitedOffer[]> {
  const confirmed = await Promise.all(offers.map(async ({ id }) => (await actors.quota(id).confirm({ orderId })).ok));
  return offers.filter((_, index) => !confirmed[index]);
}

export async function releaseOffers(actors: Quotas, orderId: OrderId, offers: readonly LimitedOffer[]): Promise<void> {
  await Promise.all(offers.map(({ id }) => actors.quota(id).release({ orderId })));
}

/** A quota that is not there belongs to an offer whose declaration was cut off: not on yet. */
const reasonOf = ({ type }: QuotaContract['claim']['rejection']): OutOfReach =>
  type === 'no-quota' ? 'offer-paused' : type;
