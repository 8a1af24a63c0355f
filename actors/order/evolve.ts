import { paise } from '../ids.ts';
import { ImpossibleEvent } from '../impossible-event.ts';
import type { EventMeta } from '../runtime/kind.ts';
import { lineStatus } from './money.ts';
import type { OrderEvent, PaymentAttempt } from './order.ts';
import { opened, withReview } from './review.ts';
import type { BoughtState, DeliveredState, OrderState, PlacedState } from './state.ts';

export const initial = (): OrderState => ({ status: 'NONE' });

export function evolve(state: OrderState, event: OrderEvent, meta: EventMeta): OrderState {
  if (event.type === 'OrderPlaced') {
    const { type: _, suspicion, ...placed } = event;
    const timeline = [{ status: 'CREATED' as const, at: meta.at, version: meta.version }];
    return {
      status: 'CREATED',
      abandoned: false,
      ...placed,
      ...(suspicion === undefined ? {} : { review: opened(suspicion, meta.at) }),
      timeline,
      createdAt: meta.at,
      updatedAt: meta.at,
      refunds: [],
    };
  }
  if (state.status === 'NONE') throw new ImpossibleEvent(event.type, state.status);
  const next = changed({ ...state, updatedAt: meta.at }, event, meta);
  if (next.status === state.status) return next;
  return { ...next, timeline: [...next.timeline, { status: next.status, at: meta.at, version: meta.version }] };
}

function changed(
  state: PlacedState,
  event: Exclude<OrderEvent, { type: 'OrderPlaced' }>,
  { at }: EventMeta,
): PlacedState {
  const impossible = () => new ImpossibleEvent(event.type, state.status);
  switch (event.type) {
    case 'ReservationAbandoned': {
      if (state.status !== 'CREATED') throw impossible();
      return { ...state, abandoned: true };
    }
    case 'OrderReserved': {
      if (state.status !== 'CREATED') throw impossible();
      const { abandoned: _, ...placed } = state;
      const { allocations, gatewayOrderId, paymentUrl, gateway = state.payment.gateway } = event;
      const offer = gatewayOrderId !== undefined && paymentUrl !== undefined ? { gatewayOrderId, paymentUrl } : null;
      const payment = { ...state.payment, gateway };
      return { ...placed, status: 'PAYMENT_PENDING', payment, allocations, offer };
    }
    case 'PaymentOffered': {
      if (state.status !== 'PAYMENT_PENDING') throw impossible();
      const { gatewayOrderId, paymentUrl, gateway = state.payment.gateway } = event;
      return { ...state, payment: { ...state.payment, gateway }, offer: { gatewayOrderId, paymentUrl } };
    }
    case 'PaymentRetried': {
      if (state.status !== 'PAYMENT_PENDING' && state.status !== 'PAYMENT_FAILED') throw impossible();
      return { ...state, ...withPayment(state, event.payment), status: 'PAYMENT_PENDING', offer: null };
    }
    case 'OrderConfirmed': {
      if (state.status !== 'PAYMENT_PENDING' && state.status !== 'PAYMENT_FAILED') throw impossible();
      const { paymentId } = event;
      const payer = state.otherPayments?.find(({ id }) => id === paymentId);
      if (payer !== undefined) {
        const others = { ...state, ...withPayment(state, payer), offer: null };
        return { ...others, ...boughtFor(state, event.paid), status: 'CONFIRMED' };
      }
      return { ...state, ...boughtFor(state, event.paid), status: 'CONFIRMED' };
    }
    case 'OrderPaymentFailed': {
      if (state.status !== 'PAYMENT_PENDING') throw impossible();
      return { ...state, status: 'PAYMENT_FAILED' };
    }
    case 'OrderCancelled':
      return cancelled(state, event);
    case 'LinesCancelled': {
      if (state.status !== 'CONFIRMED' && state.status !== 'PROCESSING') throw impossible();
      const { skus, value, refund, cancellationId } = event;
      return {
        ...state,
        ended: { ...state.ended, ...Object.fromEntries(skus.map((sku) => [sku, 'CANCELLED'])) },
        charged: paise(state.charged - value),
        owed: paise(state.owed + refund),
        cancellations: [...state.cancellations, cancellationId],
      };
    }
    case 'LineReallocated': {
      if (!('charged' in state)) throw impossible();
      return { ...state, allocations: { ...state.allocations, [event.sku]: event.allocations } };
    }
    case 'ProcessingStarted': {
      if (state.status !== 'CONFIRMED') throw impossible();
      return { ...state, status: 'PROCESSING' };
    }
    case 'OrderShipped': {
      if (state.status !== 'PROCESSING') throw impossible();
      return { ...state, status: 'SHIPPED' };
    }
    case 'OrderDelivered': {
      if (state.status !== 'SHIPPED') throw impossible();
      const delivered = { deliveredAt: at, returns: {}, returnWindow: 'open', reviewRequested: false } as const;
      return { ...state, ...delivered, paid: true, status: 'DELIVERED' };
    }
    case 'ReturnRequested': {
      if (!('deliveredAt' in state)) throw impossible();
      const { returnId, skus } = event;
      const returns = { ...state.returns, [returnId]: { skus, received: false } };
      return settled({ ...state, returns, ended: ended(state, skus, 'RETURN_REQUESTED') });
    }
    case 'ReturnReceived': {
      if (!('deliveredAt' in state)) throw impossible();
      const { returnId, skus, refund } = event;
      return settled({
        ...state,
        returns: { ...state.returns, [returnId]: { skus, received: true } },
        ended: ended(state, skus, 'RETURNED'),
        charged: paise(state.charged - refund),
        owed: paise(state.owed + refund),
      });
    }
    case 'OrderRefunded': {
      const { refundId, amount } = event;
      return { ...state, refunds: [...state.refunds, { refundId, amount }] };
    }
    case 'OrderHeldForReview':
    case 'OrderReviewCleared':
      return withReview(state, event, at);
    case 'ReviewRequested': {
      if (!('deliveredAt' in state)) throw impossible();
      return { ...state, reviewRequested: true };
    }
    case 'ReturnWindowEnded': {
      if (!('deliveredAt' in state)) throw impossible();
      return { ...state, returnWindow: 'ended' };
    }
    default:
      return event satisfies never;
  }
}

/** Among all tries, this one is the order's now. */
function withPayment({ payment, otherPayments = [] }: PlacedState, chosen: PaymentAttempt) {
  const others = [...otherPayments, payment].filter(({ id }) => id !== chosen.id);
  return { payment: chosen, otherPayments: others };
}

const boughtFor = ({ totals }: PlacedState, paid: boolean) => ({
  paid,
  charged: totals.total,
  owed: paise(0),
  ended: {},
  cancellations: [],
});

function cancelled(state: PlacedState, event: Extract<OrderEvent, { type: 'OrderCancelled' }>): PlacedState {
  const { reason, note, short, cancellationId, refund } = event;
  const { userId, lines, totals, shippingAddress, payment, reservedUntil, timeline, createdAt, updatedAt, refunds } =
    state;
  const placed = {
    userId,
    lines,
    totals,
    shippingAddress,
    payment,
    ...(state.otherPayments === undefined ? {} : { otherPayments: state.otherPayments }),
    ...(state.offers === undefined ? {} : { offers: state.offers }),
    ...(state.codFee === undefined ? {} : { codFee: state.codFee }),
    ...(state.review === undefined ? {} : { review: state.review }),
    reservedUntil,
    timeline,
    createdAt,
    updatedAt,
    refunds,
  };
  const held =
    state.status === 'CREATED'
      ? { allocations: {}, offer: null }
      : { allocations: state.allocations, offer: state.offer };
  const bought = 'charged' in state ? state : { paid: false, owed: paise(0), cancellations: [] };
  return {
    status: 'CANCELLED',
    ...placed,
    ...held,
    paid: bought.paid,
    owed: paise(bought.owed + refund),
    cancellations: cancellationId === undefined ? bought.cancellations : [...bought.cancellations, cancellationId],
    cancelled: { reason, ...(note === undefined ? {} : { note }), ...(short ? { short } : {}) },
  };
}

const ended = <S extends 'RETURN_REQUESTED' | 'RETURNED'>(
  state: BoughtState,
  skus: DeliveredState['returns'][keyof DeliveredState['returns']]['skus'],
  status: S,
): BoughtState['ended'] => ({ ...state.ended, ...Object.fromEntries(skus.map((sku) => [sku, status])) });

/** After delivery: the furthest status that all live lines share. */
function settled(state: DeliveredState): DeliveredState {
  const statuses = state.lines.map(({ sku }) => lineStatus(state, sku)).filter((status) => status !== 'CANCELLED');
  if (statuses.includes('DELIVERED')) return { ...state, status: 'DELIVERED' };
  return { ...state, status: statuses.includes('RETURN_REQUESTED') ? 'RETURN_REQUESTED' : 'RETURNED' };
}
