/** From a placed order to one that holds its stock and can be paid: all of its lines, or none. */
import type { Sku } from '../ids.ts';
import type { OrderLine, PlacedOrder, ShortLine } from '../order/order.ts';
import { RetryAt } from '../runtime/reactor.ts';
import type { Allocation } from '../sku/sku.ts';
import type { Refills } from './buckets/refills.ts';
import { type CheckoutDependencies, placedOrder, type ReactionTo } from './dependencies.ts';
import { openAt, pageOf, paymentOf } from './offer.ts';
import { nextWake } from './payments/look.ts';
import { together } from './together.ts';
import { countedFor, ledgerOf, releaseAll } from './undo.ts';
import { insist } from './wake.ts';

/** Holds outlive the order's own deadline, so that the order decides first and a payment in its last second finds stock. */
export const HOLD_GRACE_MS = 30_000;
/** A dry bucket is refilled for all who wait at it, and there may be more of them than units. */
const TRIES = 40;
const CROWDED_RETRY_MS = 100;

export async function reserve(
  deps: CheckoutDependencies,
  refills: Refills,
  { id, event, at: placedAt, version, commandId }: ReactionTo<'OrderPlaced'>,
): Promise<void> {
  const { actors, reservations, clock } = deps;
  const emptied: Sku[] = [];
  // Whatever this run comes to, and those after it: the order is woken when its time is over, or ended by us if it is.
  const order = await placedOrder(deps, id, version).catch(async (error: unknown) => {
    await claimed();
    throw error;
  });
  // Ended: whoever ended it gives back what an earlier run may have held (OrderCancelled, OrderPaymentFailed).
  if (order.status === 'CANCELLED' || order.status === 'PAYMENT_FAILED') return;
  if (order.status === 'CREATED' && !(await reserved())) return;
  await actors
    .cart(event.userId)
    .checkOut(
      { orderId: id, lines: event.lines.map(({ sku, quantity }) => ({ sku, quantity })) },
      { commandId: commandId('cart') },
    );
  // The last unit of a bucket: who comes next finds it refilled, or is told that all is sold out.
  await together(emptied, (ledger) => refills.refill(ledger, 1));

  /**
   * From here on a timer wakes the order, whatever becomes of this run; one that is there already is an earlier run's. False:
   * the order's time has passed.
   */
  async function claimed(): Promise<boolean> {
    const { payment, reservedUntil } = event;
    const now = clock();
    if (now >= reservedUntil) return false;
    const wake = nextWake(deps, id, { gateway: payment.gateway, placedAt, reservedUntil }, now);
    await insist(clock, () => reservations.claim(id, wake - now));
    return true;
  }

  /** False: the order has ended, and holds nothing. */
  async function reserved(): Promise<boolean> {
    // Before the first hold.
    if (!(await claimed())) {
      const expired = await insist(clock, () => actors.order(id).expire({}, { commandId: commandId('expire') }));
      // The order's clock is behind ours. No timer has been set yet, so this run must see it end.
      if (!expired.ok) throw new RetryAt(expired.rejection.dueAt, `${id} is not due yet`);
      return false;
    }
    const { allocations, short } = await holdInTurn();
    if (short.length > 0) {
      const refused =
        Object.keys(allocations).length === 0
          ? await actors.order(id).rejectForStock({ short }, { commandId: commandId('short') })
          : await actors.order(id).abandonReservation({ short }, { commandId: commandId('abandon') });
      // Refused in turn: another run of this handler got them all, or the order has ended. The order is right.
      return !refused.ok && isHeld(await placedOrder(deps, id, refused.version));
    }
    // Nothing to pay: no payment is opened anywhere.
    const page = event.totals.total === 0 ? {} : await payable();
    // With a fresh command id: the answer to a repeat must be of the order as it is now, not of when it was first asked.
    const recorded = await actors.order(id).recordReservation({ allocations, ...page });
    if (recorded.ok) return true;
    // It ended while we reserved. Its end may have been handled before our last hold came, so that is given back here.
    await releaseAll(actors, id, order);
    return false;
  }

  async function payable() {
    const { userId, payment } = event;
    const opened = await openAt(deps, id, order);
    await actors
      .payment(payment.id)
      .open(paymentOf(id, userId, order, payment, opened), { commandId: commandId('open') });
    return pageOf(payment, opened);
  }

  /**
   * One line after another, in the one order that all checkouts keep: of the orders that want the same two SKUs, whoever
   * gets the first gets the second. Side by side, the last two buyers could each take one and both be refused, with
   * stock left over. After the first that is short nothing more is held, the rest is only looked at, to name it too.
   */
  async function holdInTurn() {
    const allocations: Record<Sku, readonly Allocation[]> = {};
    const short: ShortLine[] = [];
    for (const line of event.lines.toSorted((a, b) => (a.sku < b.sku ? -1 : 1))) {
      const { sku, quantity } = line;
      if (short.length > 0) {
        const { available } = (await actors.sku.read(ledgerOf(line))).view;
        if (available < quantity) short.push({ sku, available });
        continue;
      }
      const held = await hold(line);
      if ('short' in held) short.push(held.short);
      else {
        allocations[sku] = held.allocations;
        if (held.last) emptied.push(ledgerOf(line));
      }
    }
    return { allocations, short };
  }

  async function hold(line: OrderLine) {
    const { sku, quantity } = line;
    const ledger = ledgerOf(line);
    const { pincode } = event.shippingAddress;
    const expiresAt = event.reservedUntil + HOLD_GRACE_MS;
    const wanted = { orderId: id, quantity, pincode, expiresAt, ...countedFor(line, event.userId) };
    for (let tries = 0; tries < TRIES; tries++) {
      const outcome = await actors.sku(ledger).reserve(wanted);
      if (outcome.ok) return outcome.result;
      const { rejection } = outcome;
      if (rejection.type === 'limit-reached') {
        const { left: available, limit } = rejection;
        return { short: { sku, available, limit } };
      }
      if (line.ledger === undefined) return { short: { sku, available: rejection.available } };
      const refill = await refills.refill(ledger, quantity);
      if (!refill.found) return { short: { sku, available: refill.available } };
    }
    throw new RetryAt(clock() + CROWDED_RETRY_MS, `${ledger} is taken before ${id} gets to it`);
  }
}

const isHeld = ({ status }: PlacedOrder): boolean =>
  status !== 'CREATED' && status !== 'PAYMENT_FAILED' && status !== 'CANCELLED';
