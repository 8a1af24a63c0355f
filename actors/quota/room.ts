/** What is left for an order that asks, with what has expired taken back. */
import { type Instant, type OrderId, type Paise, paise } from '../ids.ts';
import { expiredClaims } from './expiry.ts';
import {
  type Claim,
  type CustomerLimit,
  MAX_LAPSES,
  type OfferExhausted,
  type QuotaEvent,
  type QuotaState,
} from './quota.ts';

export type Lapse = Extract<QuotaEvent, { type: 'UseLapsed' }>;

export type Room =
  | { readonly lapses: readonly Lapse[]; readonly refusal?: never }
  | { readonly refusal: OfferExhausted | CustomerLimit };

/** Takes back expired claims: some for tidiness, and as many more as this one needs. */
export function roomFor(claim: Claim, state: QuotaState, now: Instant): Room {
  const { limits } = state;
  const lapses: Lapse[] = [];
  let uses = state.uses;
  let spent: number = state.spent;
  let own = state.customers[claim.customer] ?? 0;
  const refusal = (): OfferExhausted | CustomerLimit | undefined => {
    if (limits.perCustomer !== null && own >= limits.perCustomer)
      return { type: 'customer-limit', limit: limits.perCustomer };
    const fits =
      (limits.uses === null || uses < limits.uses) && (limits.budget === null || spent + claim.amount <= limits.budget);
    return fits ? undefined : { type: 'offer-exhausted', left: leftOf(state, uses, spent) };
  };
  for (const [orderId, { customer, amount }] of expiredClaims(state, now)) {
    if (lapses.length >= MAX_LAPSES && refusal() === undefined) break;
    lapses.push({ type: 'UseLapsed', orderId, customer, amount });
    uses -= 1;
    spent -= amount;
    if (customer === claim.customer) own -= 1;
  }
  const refused = refusal();
  return refused === undefined ? { lapses } : { refusal: refused };
}

export function leftOf({ limits }: QuotaState, uses: number, spent: number): OfferExhausted['left'] {
  return {
    uses: limits.uses === null ? null : limits.uses - uses,
    budget: limits.budget === null ? null : paise(limits.budget - spent),
  };
}

/** As claims stand now: expired ones are no more. */
export function standing(
  state: QuotaState,
  now: Instant,
): { readonly uses: number; readonly spent: Paise; readonly expired: number } {
  let expired = 0;
  let freed = 0;
  for (const [, { amount }] of expiredClaims(state, now)) {
    expired += 1;
    freed += amount;
  }
  return { uses: state.uses - expired, spent: paise(state.spent - freed), expired };
}

export const claimOf = (state: QuotaState, orderId: OrderId): Claim | undefined =>
  state.holds[orderId] ?? state.confirmed[orderId];
