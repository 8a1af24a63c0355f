/**
 * A bill whose limited offers this order has: each claimed of its quota, so that a coupon with 100 uses is used 100 times.
 * An offer that was gone when it came to it is left out and all is priced again; only of a coupon, which the customer
 * entered, and of a total that the customer was shown, an order is refused for it instead.
 */
import { claimOffers } from '../../actors/checkout/offers/claims.ts';
import type { Actors } from '../../actors/clients.ts';
import type { Instant, OrderId, Paise } from '../../actors/ids.ts';
import { type Refusal, refuse } from '../problems.ts';
import type { Basket, Bill, Cashier } from './cashier.ts';

/** Offers that run out while an order asks for them, one after another. */
const TRIES = 5;
/** The buyer pays no more than without it. */
const HARMLESS: ReadonlySet<string> = new Set(['better-offer-applied', 'no-benefit']);

export type Claiming = {
  readonly orderId: OrderId;
  readonly expiresAt: Instant;
  /** What the customer was shown. */
  readonly total?: Paise | undefined;
};

export async function claimedBill(
  actors: Pick<Actors, 'quota'>,
  cashier: Cashier,
  basket: Basket,
  { orderId, expiresAt, total }: Claiming,
): Promise<Bill | Refusal> {
  let { outOfReach } = basket;
  for (let tries = 0; tries < TRIES; tries++) {
    const bill = await cashier.bill(outOfReach === undefined ? basket : { ...basket, outOfReach });
    const refused = refusalOfBill(bill, total);
    if (refused !== undefined) return refused;
    if (bill.limited.length === 0) return bill;
    const claimed = await claimOffers(actors, {
      orderId,
      customer: basket.customer.id,
      offers: bill.limited,
      expiresAt,
    });
    if (claimed.ok) return bill;
    outOfReach = { ...outOfReach, ...claimed.outOfReach };
  }
  return refuse('unavailable', { detail: 'Offers ran out one after another.' });
}

function refusalOfBill({ coupon, quote: { totals } }: Bill, total: Paise | undefined): Refusal | undefined {
  if (coupon?.problem !== undefined && !HARMLESS.has(coupon.problem)) {
    const missing = coupon.missing === undefined ? {} : { missing: coupon.missing };
    return refuse(coupon.problem, { detail: coupon.code, extra: { ...missing, totals } });
  }
  return total === undefined || total === totals.total ? undefined : refuse('total-changed', { extra: { totals } });
}
