/**
 * What an offer is limited to: so many uses, so much money, so often a customer. The actor's id is the promotion's, and
 * it is asked once by every order that has the offer, before anything is paid:
 *
 *   claim ─▶ held ─▶ confirmed      release gives a use back, from wherever it is
 *              └──▶ lapsed ─▶ confirmed (if there is room again)
 *
 *   uses ≤ limits.uses, spent ≤ limits.budget, uses of each customer ≤ limits.perCustomer, at all times.
 *
 * Uses are like units of stock (actors/sku): a claim carries its own `expiresAt`, and an expired one is free the moment
 * anyone asks, so that nothing leaks even if every timer is lost, and who comes while there is something left gets it.
 */
import type { Instant, OrderId, Paise, UserId } from '../ids.ts';

/** Claims taken back by one command beyond what it needs itself: a commit must stay a small message. */
export const MAX_LAPSES = 100;
/**
 * How long a confirmed use is known by its order, so that it can be given back, and its repeat counts nothing: as long
 * as no order lives (see sku.ts, RESTOCKS_KNOWN_MS). What is forgotten stays counted: limits err to the safe side.
 */
export const CONFIRMED_KNOWN_MS = 60 * 24 * 3600 * 1000;

/** null: without limit. */
export type QuotaLimits = {
  readonly uses: number | null;
  readonly budget: Paise | null;
  readonly perCustomer: number | null;
};

export const isLimited = ({ uses, budget, perCustomer }: QuotaLimits): boolean =>
  uses !== null || budget !== null || perCustomer !== null;

type Use = { readonly orderId: OrderId; readonly customer: UserId; readonly amount: Paise };

export type QuotaEvent =
  | { readonly type: 'QuotaSet'; readonly limits: QuotaLimits }
  /** No new claims; what is claimed may still be confirmed. */
  | { readonly type: 'QuotaClosed' }
  | { readonly type: 'QuotaOpened' }
  | (Use & { readonly type: 'UseClaimed'; readonly expiresAt: Instant })
  /** The order is paid. (Of a claim that had lapsed: taken afresh.) */
  | (Use & { readonly type: 'UseConfirmed' })
  /** The order ended, or was cancelled. Of one that had lapsed nothing is left to give back. */
  | (Use & { readonly type: 'UseReleased'; readonly was: 'held' | 'confirmed' | 'lapsed' })
  /** An expired claim, taken back because someone asked. */
  | (Use & { readonly type: 'UseLapsed' });

/** Refusals are called what the price engine calls them: pricing/offers/offer.ts, OutOfReach. */
export type OfferPaused = { readonly type: 'offer-paused' };
/** Not enough for this one; `left` of the budget may do for a smaller one. */
export type OfferExhausted = {
  readonly type: 'offer-exhausted';
  readonly left: { readonly uses: number | null; readonly budget: Paise | null };
};
export type CustomerLimit = { readonly type: 'customer-limit'; readonly limit: number };
export type NoQuota = { readonly type: 'no-quota' };
/** More is claimed already. */
export type BelowClaimed = { readonly type: 'below-claimed'; readonly uses: number; readonly spent: Paise };

export type QuotaContract = {
  /**
   * The first time it opens the quota; later it changes the limits, and nothing else. Never below what is claimed; of a
   * lower `perCustomer` who has had more keeps it.
   */
  set: { input: { readonly limits: QuotaLimits }; result: null; rejection: BelowClaimed };
  close: { input: object; result: null; rejection: NoQuota };
  open: { input: object; result: null; rejection: NoQuota };
  /** One use and `amount` of the budget. Repeat with the same order id: the same claim, whatever its amount. */
  claim: {
    input: Use & { readonly expiresAt: Instant };
    result: { readonly amount: Paise };
    rejection: NoQuota | OfferPaused | OfferExhausted | CustomerLimit;
  };
  /** Refused only when the claim had lapsed and others have had the room. Moot for an order that claimed nothing. */
  confirm: { input: { readonly orderId: OrderId }; result: null; rejection: OfferExhausted | CustomerLimit };
  release: { input: { readonly orderId: OrderId }; result: null; rejection: never };
};

export type Claim = { readonly customer: UserId; readonly amount: Paise };
export type Hold = Claim & { readonly expiresAt: Instant };

/** Changed in place by `evolve`: see ActorKind.evolve. */
export type QuotaState = {
  status: 'none' | 'open' | 'closed';
  limits: QuotaLimits;
  /** Held and confirmed; expired claims too until they are taken back. */
  uses: number;
  spent: Paise;
  customers: Record<UserId, number>;
  holds: Record<OrderId, Hold>;
  /** How many claims expire in each second (of the epoch), and the first such second. */
  expiring: Record<number, number>;
  firstExpiry: number | null;
  /** Never forgotten by age: bounded by the orders in flight, each of which ends in a confirmation or a release. */
  lapsed: Record<OrderId, Claim>;
  /** The oldest first. */
  confirmed: Record<OrderId, Claim & { readonly at: Instant }>;
};

/** Expired claims count as free. */
export type QuotaView = {
  readonly status: QuotaState['status'];
  readonly limits: QuotaLimits;
  readonly held: number;
  readonly confirmed: number;
  readonly spent: Paise;
  readonly left: OfferExhausted['left'];
};
