import { type Instant, type PaymentId, paise, type Sku } from '../ids.ts';
import { accept, type Decider, reject } from '../runtime/kind.ts';
import { afterDelivery } from './decide-returns.ts';
import { chargedFor, liveSkus } from './money.ts';
import {
  type CancelReason,
  type InvalidTransition,
  MAX_PAYMENT_ATTEMPTS,
  type OrderContract,
  type OrderEvent,
  type OrderStatus,
  type ShortLine,
} from './order.ts';
import { decideReview, isUnderReview } from './review.ts';
import type { BoughtState, OrderState, PlacedState } from './state.ts';

const NOTHING_PAID = paise(0);

/** Every command may be repeated: what it asks for and is so already is accepted and changes nothing. */
export const decide: Decider<OrderContract, OrderState, OrderEvent> = {
  place(state, input) {
    if (state.status === 'NONE') return accept([{ type: 'OrderPlaced', ...input }], null);
    return state.payment.id === input.payment.id ? unchanged() : refused(state);
  },

  recordReservation(state, input) {
    if (state.status === 'CREATED') {
      if (state.abandoned) return refused(state);
      const reserved: OrderEvent = { type: 'OrderReserved', ...input };
      // Cash on delivery waits for no payment, nor does what costs nothing: one commit, so that nobody finds it waiting.
      const isFree = state.totals.total === 0;
      const waits = state.payment.method !== 'cod' && !isFree;
      return accept(waits ? [reserved] : [reserved, { type: 'OrderConfirmed', paid: isFree }], null);
    }
    if (state.status === 'NONE' || state.status === 'CANCELLED' || state.status === 'PAYMENT_FAILED')
      return refused(state);
    return unchanged();
  },

  abandonReservation(state, { short }) {
    if (state.status === 'CREATED')
      return state.abandoned ? unchanged() : accept([{ type: 'ReservationAbandoned', short }], null);
    return hasEnded(state, 'out-of-stock') ? unchanged() : refused(state);
  },

  rejectForStock(state, { short }) {
    if (state.status === 'CREATED') return accept([cancelUnpaid(state, 'out-of-stock', { short })], null);
    return hasEnded(state, 'out-of-stock') ? unchanged() : refused(state);
  },

  /** The first offer stands: the customer may be on its page already. */
  offerPayment(state, { paymentId, gateway, ...page }) {
    if (state.status !== 'PAYMENT_PENDING' || (paymentId ?? state.payment.id) !== state.payment.id)
      return refused(state);
    const offer = gateway === undefined || gateway === state.payment.gateway ? page : { ...page, gateway };
    return state.offer ? unchanged() : accept([{ type: 'PaymentOffered', ...offer }], null);
  },

  retryPayment(state, { payment }, now) {
    if (state.status === 'NONE') return refused(state);
    if (attemptsOf(state).some(({ id }) => id === payment.id)) return unchanged();
    if (!waitsForPayment(state) || now > state.reservedUntil) return refused(state);
    const bound = state.offers?.find(({ methods }) => methods?.includes(payment.method) === false)?.methods;
    if (bound !== undefined) return reject({ type: 'payment-method-not-eligible', methods: bound });
    if (attemptsOf(state).length >= MAX_PAYMENT_ATTEMPTS)
      return reject({ type: 'too-many-attempts', limit: MAX_PAYMENT_ATTEMPTS });
    return accept([{ type: 'PaymentRetried', payment }], null);
  },

  recordPayment: (state, { paymentId }, now) => settle(state, paymentId, true, now),
  recordAuthorisation: (state, { paymentId }, now) => settle(state, paymentId, false, now),

  recordPaymentFailure(state, { reason, paymentId }) {
    if (state.status === 'PAYMENT_FAILED') return unchanged();
    if (state.status !== 'PAYMENT_PENDING') return refused(state);
    if (paymentId !== undefined && paymentId !== state.payment.id) return unchanged();
    return accept([{ type: 'OrderPaymentFailed', reason }], null);
  },

  expire(state, _input, now) {
    if (state.status !== 'CREATED' && !waitsForPayment(state)) return unchanged();
    if (now < state.reservedUntil) return reject({ type: 'not-due', dueAt: state.reservedUntil });
    return accept(
      [cancelUnpaid(state, state.status === 'PAYMENT_FAILED' ? 'payment-failed' : 'reservation-expired')],
      null,
    );
  },

  recordStockLost(state, { skus }) {
    if (state.status === 'CONFIRMED' || state.status === 'PROCESSING') {
      const short = skus.map((sku) => ({ sku, available: 0 }));
      return accept([cancelBought(state, 'stock-lost', { short })], null);
    }
    return hasEnded(state, 'stock-lost') ? unchanged() : refused(state);
  },

  recordReallocation(state, { sku, allocations }) {
    if (!isBought(state)) return hasEnded(state) ? unchanged() : refused(state);
    if (JSON.stringify(state.allocations[sku]) === JSON.stringify(allocations)) return unchanged();
    return accept([{ type: 'LineReallocated', sku, allocations }], null);
  },

  cancel(state, { cancellationId, reason, by, skus }) {
    if ('cancellations' in state && state.cancellations.includes(cancellationId)) return unchanged();
    const asked = { note: reason, cancellationId };
    switch (state.status) {
      case 'CREATED':
      case 'PAYMENT_FAILED':
      case 'PAYMENT_PENDING': {
        const strange = skus?.find((sku) => !state.lines.some((line) => line.sku === sku));
        if (strange !== undefined) return reject({ type: 'unknown-line', sku: strange });
        if (skus && state.lines.some(({ sku }) => !skus.includes(sku))) return refused(state);
        return accept([cancelUnpaid(state, by, asked)], null);
      }
      case 'CONFIRMED':
      case 'PROCESSING': {
        const leaving = skus ?? liveSkus(state);
        for (const sku of leaving) {
          if (!state.lines.some((line) => line.sku === sku)) return reject({ type: 'unknown-line', sku });
          if (state.ended[sku]) return reject({ type: 'invalid-transition', from: state.ended[sku] });
        }
        if (liveSkus(state).every((sku) => leaving.includes(sku)))
          return accept([cancelBought(state, by, asked)], null);
        return accept([cancelLines(state, leaving, cancellationId, reason)], null);
      }
      default:
        return refused(state);
    }
  },

  startProcessing: (state) => looked(state) ?? step(state, 'CONFIRMED', { type: 'ProcessingStarted' }, 'PROCESSING'),
  ship: (state, input) => looked(state) ?? step(state, 'PROCESSING', { type: 'OrderShipped', ...input }, 'SHIPPED'),
  deliver(state) {
    const collected = state.status === 'SHIPPED' && !state.paid ? state.charged : NOTHING_PAID;
    return step(state, 'SHIPPED', { type: 'OrderDelivered', collected }, 'DELIVERED');
  },

  ...afterDelivery,
  ...decideReview,

  recordRefund(state, { refundId, amount, paymentId }) {
    if (state.status === 'NONE' || (paymentId ?? state.payment.id) !== state.payment.id) return unchanged();
    if (state.refunds.some((refund) => refund.refundId === refundId)) return unchanged();
    return accept([{ type: 'OrderRefunded', refundId, amount }], null);
  },
};

const unchanged = () => accept<OrderEvent, null>([], null);

const refused = (state: OrderState): { readonly accepted: false; readonly rejection: InvalidTransition } =>
  reject({ type: 'invalid-transition', from: state.status });

const hasEnded = (state: OrderState, reason?: CancelReason): boolean =>
  state.status === 'CANCELLED' && (reason === undefined || state.cancelled.reason === reason);

const waitsForPayment = (
  state: OrderState,
): state is Extract<OrderState, { status: 'PAYMENT_PENDING' | 'PAYMENT_FAILED' }> =>
  state.status === 'PAYMENT_PENDING' || state.status === 'PAYMENT_FAILED';

const attemptsOf = ({ payment, otherPayments = [] }: PlacedState) => [...otherPayments, payment];

/** Whichever try is paid, or promised, first. Money of any other is not wanted. */
function settle(state: OrderState, paymentId: PaymentId, paid: boolean, now: Instant) {
  const notWanted = () => reject({ type: 'payment-not-wanted' as const, status: state.status });
  if (state.status === 'NONE' || !attemptsOf(state).some(({ id }) => id === paymentId)) return notWanted();
  const isLast = state.payment.id === paymentId;
  if (waitsForPayment(state)) {
    if (now > state.reservedUntil) return notWanted();
    return accept<OrderEvent, null>([{ type: 'OrderConfirmed', paid, ...(isLast ? {} : { paymentId }) }], null);
  }
  // A promise that was taken is no second payment: not on delivery, nor when the lender was early.
  return isLast && ('charged' in state || ('paid' in state && state.paid)) ? unchanged() : notWanted();
}

const isBought = (state: OrderState): state is BoughtState => 'charged' in state;

/** Nothing leaves while people look at it. */
const looked = (state: OrderState) => (isUnderReview(state) ? reject({ type: 'under-review' as const }) : undefined);

/** One step along the main line; asked again right after, it is done already. */
function step(state: OrderState, from: OrderStatus, event: OrderEvent, to: OrderStatus) {
  if (state.status === from) return accept([event], null);
  return state.status === to ? unchanged() : refused(state);
}

type Details = {
  readonly note?: string;
  readonly cancellationId?: string;
  readonly short?: readonly ShortLine[];
};

const cancelUnpaid = (state: PlacedState, reason: CancelReason, details: Details = {}): OrderEvent => ({
  type: 'OrderCancelled',
  reason,
  ...details,
  skus: state.lines.map(({ sku }) => sku),
  refund: NOTHING_PAID,
});

const cancelBought = (state: BoughtState, reason: CancelReason, details: Details): OrderEvent => ({
  type: 'OrderCancelled',
  reason,
  ...details,
  skus: liveSkus(state),
  refund: state.paid ? state.charged : NOTHING_PAID,
});

function cancelLines(state: BoughtState, skus: readonly Sku[], cancellationId: string, reason: string): OrderEvent {
  const value = chargedFor(state, skus);
  const refund = state.paid ? value : NOTHING_PAID;
  return { type: 'LinesCancelled', cancellationId, skus, reason, value, refund };
}
