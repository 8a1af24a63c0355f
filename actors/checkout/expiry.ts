/**
 * The claim's time is over: that of the reservation, or of the wait for a payment's news (payments/look.ts). The timer only
 * wakes; the order decides.
 */
import type { OrderId } from '../ids.ts';
import { type ExpiryReactor, RetryAt } from '../runtime/reactor.ts';
import type { CheckoutDependencies } from './dependencies.ts';
import { Looks, nextLateLook, nextWake } from './payments/look.ts';
import { insist } from './wake.ts';

/** A claim has the grain of a second; what is due sooner is waited for here. */
const SOON_MS = 2_000;

export function expiryReactor(deps: CheckoutDependencies): ExpiryReactor<OrderId> {
  const { actors, reservations, clock } = deps;
  const looks = new Looks(deps);

  return {
    name: 'reservation-expiry',
    bucket: 'reservations',
    async expired(orderId) {
      const { view: order } = await insist(clock, () => actors.order.read(orderId));
      const waits =
        order.status === 'CREATED' || order.status === 'PAYMENT_PENDING' || order.status === 'PAYMENT_FAILED';
      if (waits && clock() < order.reservedUntil - SOON_MS) {
        const { createdAt: placedAt, reservedUntil, payment } = order;
        const wake = nextWake(deps, orderId, { gateway: payment.gateway, placedAt, reservedUntil }, clock());
        // Before the look: whatever becomes of it, the order is woken again.
        await insist(clock, () => reservations.keep(orderId, wake - clock()));
        await looks.at(order);
        return;
      }
      if (order.status === 'NONE' || waits) {
        // No command id of its own: asked twice, an order that has ended says nothing more. The stock follows from
        // OrderCancelled, so nothing is lost if this run ends here.
        const told = await insist(clock, () => actors.order(orderId).expire({}));
        if (!told.ok) throw new RetryAt(told.rejection.dueAt, `${orderId} is not due yet`);
        return;
      }
      if (await looks.at(order)) return;
      const again = nextLateLook(deps, orderId, order, clock());
      if (again !== undefined) await insist(clock, () => reservations.keep(orderId, again));
    },
  };
}
