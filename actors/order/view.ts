import { sum } from '../ids.ts';
import { lineStatus } from './money.ts';
import type { OrderPayment, OrderStatus, OrderView } from './order.ts';
import type { OrderState, PlacedState } from './state.ts';

export function view(state: OrderState): OrderView {
  if (state.status === 'NONE') return { status: 'NONE' };
  const { status, userId, lines, totals, shippingAddress, reservedUntil, timeline, createdAt, updatedAt } = state;
  const statusOf = (sku: (typeof lines)[number]['sku']): OrderStatus =>
    'charged' in state ? lineStatus(state, sku) : status;
  return {
    status,
    userId,
    lines: lines.map((line) => ({ ...line, status: statusOf(line.sku) })),
    totals,
    shippingAddress,
    payment: { ...state.payment, ...('offer' in state ? state.offer : null), status: paymentStatus(state) },
    ...(state.otherPayments === undefined ? {} : { otherPayments: state.otherPayments }),
    reservedUntil,
    ...(state.offers === undefined ? {} : { offers: state.offers }),
    ...(state.codFee === undefined ? {} : { codFee: state.codFee }),
    ...(state.review === undefined ? {} : { review: state.review }),
    allocations: 'allocations' in state ? state.allocations : {},
    ...(state.status === 'CANCELLED' ? { cancelled: state.cancelled } : {}),
    refunded: refundedOf(state),
    timeline,
    createdAt,
    updatedAt,
  };
}

const refundedOf = (state: PlacedState) => sum(state.refunds.map(({ amount }) => amount));

function paymentStatus(state: PlacedState): OrderPayment['status'] {
  const refunded = refundedOf(state);
  const owed = 'owed' in state ? state.owed : 0;
  if (refunded < owed) return 'refund-pending';
  // What is kept of a return is what it cost to bring it.
  const keepsGoods = 'charged' in state && state.charged > 0 && state.status !== 'RETURNED';
  if (refunded > 0 && !keepsGoods) return 'refunded';
  if ('paid' in state && state.paid) return 'captured';
  if (state.status === 'PAYMENT_FAILED') return 'failed';
  if ('charged' in state && state.payment.method === 'paylater') return 'authorised';
  if (state.status !== 'CANCELLED') return 'pending';
  return state.cancelled.reason === 'payment-failed' ? 'failed' : 'not-collected';
}
