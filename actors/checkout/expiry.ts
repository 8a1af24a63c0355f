/** Reservation expiry: the claim's time is over. The timer only wakes; the order decides. */
import type { OrderId } from '../ids.ts';
import { type ExpiryReactor, RetryAt } from '../runtime/reactor.ts';
import type { CheckoutDependencies } from './dependencies.ts';
import { insist } from './wake.ts';

export function expiryReactor({
  actors,
  clock,
}: Pick<CheckoutDependencies, 'actors' | 'clock'>): ExpiryReactor<OrderId> {
  return {
    name: 'reservation-expiry',
    bucket: 'reservations',
    // No command id of its own: asked twice, an order that has ended says nothing more. The stock follows from
    // OrderCancelled, so nothing is lost if this run ends here.
    async expired(orderId) {
      const told = await insist(clock, () => actors.order(orderId).expire({}));
      if (!told.ok) throw new RetryAt(told.rejection.dueAt, `${orderId} is not due yet`);
    },
  };
}
