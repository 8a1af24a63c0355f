/**
 * An offer's terms. Without a code it is automatic: everybody whose order fits has it. With one it is a coupon: only who
 * enters it. What an offer is limited to (uses, a budget, so many a customer) is not here but with its quota: terms are
 * the same for all, a quota runs out.
 */
import type { Instant, Paise, PromotionId } from '../../ids.ts';
import type { PaymentMethod } from '../../order/order.ts';

/** Off what the lines of the scope cost when its turn comes. `basisPoints`: hundredths of a per cent. */
export type Benefit =
  | { readonly type: 'percent'; readonly basisPoints: number }
  | { readonly type: 'flat'; readonly amount: Paise }
  /** Of every `buy + get` units, dearest first, the `get` cheapest are that much cheaper: 10,000 = free. */
  | { readonly type: 'buy-x-get-y'; readonly buy: number; readonly get: number; readonly basisPoints: number }
  /** Nothing for shipping; the fee for cash stays. */
  | { readonly type: 'free-shipping' };

/** A line is in it when each list that is there has it. No list: every line is. */
export type Scope = {
  /** Paths from the root; a path has what is below it. */
  readonly categories?: readonly (readonly string[])[];
  readonly brands?: readonly string[];
  readonly sellers?: readonly string[];
  readonly skus?: readonly string[];
  readonly exceptSkus?: readonly string[];
};

/**
 * `exclusive`: with no other offer. `stackable`: with every other stackable one, but of a group only with the best of it.
 */
export type Stacking = { readonly type: 'exclusive' } | { readonly type: 'stackable'; readonly group?: string };

export type OfferTerms = {
  readonly title: string;
  readonly code?: string;
  readonly benefit: Benefit;
  readonly scope: Scope;
  /** Of the scope's lines, before any discount. */
  readonly minimum?: Paise;
  /** Off at most, of one order. */
  readonly cap?: Paise;
  /** Only when it is paid so: method offers, and bank offers by the bank's code (`HDFC`). */
  readonly payment?: { readonly methods: readonly PaymentMethod[]; readonly banks?: readonly string[] };
  readonly audience?: { readonly firstOrder?: boolean; readonly segments?: readonly string[] };
  readonly stacking: Stacking;
  /** Lower ones take their turn first, on what is left by those before; equal ones by id. */
  readonly priority: number;
  /** From `startsAt` until just before `endsAt`. */
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** Who bears it, for the books. */
  readonly fundedBy: 'platform' | 'seller' | 'bank';
};

export type Offer = OfferTerms & { readonly id: PromotionId };

/** What the terms do not tell. */
export type OutOfReach = 'offer-paused' | 'offer-ended' | 'offer-exhausted' | 'customer-limit';

export type OfferRefusal =
  | OutOfReach
  | 'unknown-coupon'
  | 'offer-not-started'
  | 'not-first-order'
  | 'not-in-segment'
  | 'payment-method-not-eligible'
  | 'bank-not-eligible'
  | 'no-eligible-items'
  | 'below-minimum'
  | 'too-few-items'
  /** Another order of things costs the buyer less: one offer of the group, an exclusive one, or none at all. */
  | 'better-offer-applied'
  /** It would take nothing off. */
  | 'no-benefit';

/** The order in which offers take their turns. */
export const byTurn = (a: Offer, b: Offer): number => a.priority - b.priority || (a.id < b.id ? -1 : 1);
