/** From a placed order to one that holds its stock and can be paid: all of its lines, or none. */
import type { Sku } from '../ids.ts';
import type { PlacedOrder } from '../order/order.ts';
import { RetryAt } from '../runtime/reactor.ts';
import type { Allocation } from '../sku/sku.ts';
import { type CheckoutDependencies, placedOrder, type ReactionTo } from './dependencies.ts';
import { openAt } from './offer.ts';
import { releaseAll, skusOf } from './undo.ts';

/** Holds outlive the order's own deadline, so that the order decides first and a payment in its last second finds stock. */
export const HOLD_GRACE_MS = 30_000;

export async function reserve(
  deps: CheckoutDependencies,
  { id, event, version, commandId }: ReactionTo<'OrderPlaced'>,
): Promise<void> {
  const { actors, reservations, clock } = deps;
  const order = await placedOrder(deps, id, version);
  // Ended: whoever ended it gives back what an earlier run may have held (OrderCancelled, OrderPaymentFailed).
  if (order.status === 'CANCELLED' || order.status === 'PAYMENT_FAILED') return;
  if (order.status === 'CREATED' && !(await reserved())) return;
  await actors
    .cart(event.userId)
    .checkOut(
      { orderId: id, lines: event.lines.map(({ sku, quantity }) => ({ sku, quantity })) },
      { commandId: commandId('cart') },
    );

  /** False: the order has ended, and holds nothing. */
  async function reserved(): Promise<boolean> {
    const left = event.reservedUntil - clock();
    if (left <= 0) {
      const expired = await actors.order(id).expire({}, { commandId: commandId('expire') });
      // The order's clock is behind ours. No timer has been set yet, so this run must see it end.
      if (!expired.ok) throw new RetryAt(expired.rejection.dueAt, `${id} is not due yet`);
      return false;
    }
    // Before the first hold: from here on a timer wakes the order, whatever becomes of this run. A claim that is
    // there already is that of an earlier run, with the same deadline.
    await reservations.claim(id, left);
    const { allocations, short } = await holdInTurn();
    if (short.length > 0) {
      const refused =
        Object.keys(allocations).length === 0
          ? await actors.order(id).rejectForStock({ short }, { commandId: commandId('short') })
          : await actors.order(id).abandonReservation({ short }, { commandId: commandId('abandon') });
      // Refused in turn: another run of this handler got them all, or the order has ended. The order is right.
      return !refused.ok && isHeld(await placedOrder(deps, id, refused.version));
    }
    const opened = await openAt(deps, id, order);
    const page = typeof opened === 'object' ? opened : {};
    const { method, gateway, id: paymentId } = event.payment;
    const { userId, totals } = event;
    await actors
      .payment(paymentId)
      .open({ orderId: id, userId, amount: totals.total, method, gateway, ...page }, { commandId: commandId('open') });
    // With a fresh command id: the answer to a repeat must be of the order as it is now, not of when it was first asked.
    const recorded = await actors.order(id).recordReservation({ allocations, ...page });
    if (recorded.ok) return true;
    // It ended while we reserved. Its end may have been handled before our last hold came, so that is given back here.
    await releaseAll(actors, id, skusOf(order));
    return false;
  }

  /**
   * One line after another, in the one order that all checkouts keep: of the orders that want the same two SKUs, whoever
   * gets the first gets the second. Side by side, the last two buyers could each take one and both be refused, with
   * stock left over. After the first that is short nothing more is held, the rest is only looked at, to name it too.
   */
  async function holdInTurn() {
    const allocations: Record<Sku, readonly Allocation[]> = {};
    const short: { readonly sku: Sku; readonly available: number }[] = [];
    for (const { sku, quantity } of event.lines.toSorted((a, b) => (a.sku < b.sku ? -1 : 1))) {
      if (short.length > 0) {
        const { available } = (await actors.sku.read(sku)).view;
        if (available < quantity) short.push({ sku, available });
        continue;
      }
      const { pincode } = event.shippingAddress;
      const expiresAt = event.reservedUntil + HOLD_GRACE_MS;
      const outcome = await actors.sku(sku).reserve({ orderId: id, quantity, pincode, expiresAt });
      if (outcome.ok) allocations[sku] = outcome.result.allocations;
      else
        short.push({
          sku,
          available: 'left' in outcome.rejection ? outcome.rejection.left : outcome.rejection.available,
        });
    }
    return { allocations, short };
  }
}

const isHeld = ({ status }: PlacedOrder): boolean =>
  status !== 'CREATED' && status !== 'PAYMENT_FAILED' && status !== 'CANCELLED';
