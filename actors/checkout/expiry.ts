/** Reservation expiry: the claim's time is over. The timer only wakes; the order decides. */
import type { Actors } from '../clients.ts';
import type { OrderId } from '../ids.ts';
import { type ExpiryReactor, RetryAt } from '../runtime/reactor.ts';

export function expiryReactor({ actors }: { readonly actors: Actors }): ExpiryReactor<OrderId> {
  return {
    name: 'reservation-expiry',
    bucket: 'reservations',
    // No command id of its own: asked twice, an order that has ended says nothing more. The stock follows from
    // OrderCancelled, so nothing is lost if this run ends here.
    async expired(orderId) {
      const told = await actors.order(orderId).expire({});
      if (!told.ok) throw new RetryAt(told.rejection.dueAt, `${orderId} is not due yet`);
    },
  };
}
