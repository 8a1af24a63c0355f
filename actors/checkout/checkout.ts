/**
 * Checkout: from a placed order to stock that is sold, or to nothing held at all.
 *
 *   OrderPlaced        claim, reserve line after line, ask the gateway, tell the order, empty the cart
 *   ReservationAbandoned   some lines were short: the others are given back, and the order ends
 *   OrderConfirmed     the holds become sales
 *   OrderCancelled     what was held or sold is given back, and what was paid or promised too
 *   LinesCancelled, ReturnReceived   the same for some lines
 *   OrderDelivered     cash was taken at the door; what a lender has promised is taken
 *
 * A crash may come between any two awaits, and the event is then delivered again, also while a first run is still
 * under way elsewhere. Each handler is written so that a run from its start, at any point of another, ends in the
 * same: it asks the order what is so already, and every command it sends is harmless when repeated. The order alone
 * decides between runs: nothing is released before it has said that it will not be paid, and what a run has held for
 * an order that says so, that run or the handler of the order's end gives back. What slips through all of this, a run
 * that was dead for longer than the checkout took, is a hold that lapses by itself.
 *
 * Command ids: derived from the event where the first outcome is final. `reserve`, `release` and `recordReservation`
 * get a fresh id at every run, on purpose: a remembered "held" may be of a hold that was released since, or of an order
 * that has ended since. Their actors know a repeat by their own state.
 */
import type { OrderId } from '../ids.ts';
import type { OrderEvent } from '../order/order.ts';
import type { Reactor } from '../runtime/reactor.ts';
import { Refills } from './buckets/refills.ts';
import { type CheckoutDependencies, placedOrder, Unsettled } from './dependencies.ts';
import { releaseOffers } from './offers/claims.ts';
import { nextLateLook } from './payments/look.ts';
import { isPromised, letGo, takePromised, untilTaken } from './payments/promises.ts';
import { reserve } from './reserve.ts';
import { sell } from './sell.ts';
import { giveBack, limitedOffers, refund, releaseAll } from './undo.ts';

export function checkoutReactor(deps: CheckoutDependencies): Reactor<OrderEvent, OrderId> {
  const { actors, reservations, clock } = deps;
  const refills = new Refills(actors, clock);
  return {
    name: 'checkout',
    kind: 'order',
    on: {
      OrderPlaced: (reaction) => reserve(deps, refills, reaction),

      async ReservationAbandoned({ id, event, version, commandId }) {
        // Released before the order says so: who reads the refusal finds nothing held.
        await releaseAll(actors, id, await placedOrder(deps, id, version));
        // Refused if the customer or the clock was first.
        await actors.order(id).rejectForStock({ short: event.short }, { commandId: commandId('short') });
      },

      OrderConfirmed: (reaction) => sell(deps, refills, reaction),

      async OrderCancelled(reaction) {
        const { id, event, version } = reaction;
        const order = await placedOrder(deps, id, version);
        // The handler of an earlier event of this order has ended: what was confirmed is committed by now. A line
        // that could not be (stock lost, or its hold lapsed) is known to its SKU, which then counts nothing back.
        const wasConfirmed = order.timeline.some(({ status }) => status === 'CONFIRMED');
        if (wasConfirmed) await giveBack(deps, reaction, order, event.skus, 'cancel');
        else await releaseAll(actors, id, order, event.skus);
        // Money may still come to a page that is open somewhere.
        const othersOpen = !wasConfirmed || order.otherPayments !== undefined;
        const look = othersOpen ? nextLateLook(deps, id, order, clock()) : undefined;
        if (look === undefined) await reservations.clear(id);
        else await reservations.keep(id, look);
        await refund(deps, reaction, order, event.refund, event.reason);
        const mayBePromised = wasConfirmed && event.refund === 0 && order.totals.total > 0;
        if (mayBePromised && isPromised(deps, order)) await letGo(deps, reaction, order);
        // Last: stock and money wait for no offer.
        await releaseOffers(actors, id, limitedOffers(order));
      },

      async LinesCancelled(reaction) {
        const { event } = reaction;
        const order = await placedOrder(deps, reaction.id, reaction.version);
        await giveBack(deps, reaction, order, event.skus, event.cancellationId);
        await refund(deps, reaction, order, event.refund, event.reason);
      },

      async ReturnReceived(reaction) {
        const { event } = reaction;
        const order = await placedOrder(deps, reaction.id, reaction.version);
        if (event.refund > 0 && isPromised(deps, order)) await untilTaken(deps, reaction.id, order);
        await giveBack(deps, reaction, order, event.skus, event.returnId);
        await refund(deps, reaction, order, event.refund, `return ${event.returnId}`);
      },

      async OrderDelivered(reaction) {
        const { id, event, version, commandId } = reaction;
        if (event.collected === 0) return;
        const order = await placedOrder(deps, id, version);
        if (isPromised(deps, order)) return takePromised(deps, reaction, order, event.collected);
        const { payment } = order;
        const collected = await actors
          .payment(payment.id)
          .recordCollection({ amount: event.collected }, { commandId: commandId('collect') });
        if (!collected.ok) throw new Unsettled(`${payment.id}: cash was collected for a payment that was never opened`);
      },
    },
  };
}
