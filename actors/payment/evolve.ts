import type { PaymentId } from '../ids.ts';
import { ImpossibleEvent } from '../impossible-event.ts';
import {
  type OpenedPayment,
  type PaymentEvent,
  type PaymentState,
  REMEMBERED_ATTEMPTS,
  type Refund,
} from './payment.ts';

export const initial = (id: string): PaymentState => ({ status: 'none', id: id as PaymentId });

export function evolve(state: PaymentState, event: PaymentEvent): PaymentState {
  if (event.type === 'PaymentOpened') {
    const { orderId, userId, amount, method, gateway, gatewayOrderId, paymentUrl } = event;
    const offer = gatewayOrderId !== undefined && paymentUrl !== undefined ? { gatewayOrderId, paymentUrl } : null;
    const asked = { id: state.id, orderId, userId, amount, method, gateway, offer };
    return { status: 'open', ...asked, attempts: [], failures: 0, extras: [], refunds: [] };
  }
  if (state.status === 'none') throw new ImpossibleEvent(event.type, state.status);
  switch (event.type) {
    case 'GatewayOrderAttached': {
      const { gatewayOrderId, paymentUrl } = event;
      return { ...state, offer: { gatewayOrderId, paymentUrl } };
    }
    case 'PaymentCaptured': {
      const { gatewayPaymentId, amount, gatewayAt } = event;
      return { ...state, status: 'captured', capture: { gatewayPaymentId, amount, gatewayAt } };
    }
    case 'PaymentAttemptFailed': {
      const attempts = [...state.attempts, event.gatewayPaymentId].slice(-REMEMBERED_ATTEMPTS);
      return { ...state, attempts, failures: state.failures + 1 };
    }
    case 'ExtraCaptureSeen':
      return { ...state, extras: [...state.extras, event.gatewayPaymentId] };
    case 'RefundRequested': {
      const { refundId, gatewayPaymentId, amount, reason } = event;
      const others = state.refunds.filter((refund) => refund.refundId !== refundId);
      return {
        ...state,
        refunds: [...others, { refundId, gatewayPaymentId, amount, reason, status: 'requested' }],
      };
    }
    case 'RefundProcessed': {
      const { refundId, gatewayRefundId } = event;
      return withRefund(state, refundId, (refund) => ({ ...refund, status: 'processed', gatewayRefundId }));
    }
    case 'RefundFailed': {
      const { refundId, reason } = event;
      return withRefund(state, refundId, (refund) => ({ ...refund, status: 'failed', why: reason }));
    }
    default:
      return event satisfies never;
  }
}

type Asked = Pick<Refund, 'refundId' | 'gatewayPaymentId' | 'amount' | 'reason'>;

function withRefund(state: OpenedPayment, id: Refund['refundId'], ended: (asked: Asked) => Refund): PaymentState {
  return {
    ...state,
    refunds: state.refunds.map((refund) => {
      if (refund.refundId !== id) return refund;
      const { refundId, gatewayPaymentId, amount, reason } = refund;
      return ended({ refundId, gatewayPaymentId, amount, reason });
    }),
  };
}
