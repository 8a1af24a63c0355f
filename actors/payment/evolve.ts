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
    const { orderId, userId, amount, method, gateway, gatewayOrderId, paymentUrl, tries } = event;
    const offer = gatewayOrderId !== undefined && paymentUrl !== undefined ? { gatewayOrderId, paymentUrl } : null;
    const asked = { id: state.id, orderId, userId, amount, method, gateway, offer };
    const tried = tries === undefined ? {} : { tries };
    return { status: 'open', ...asked, attempts: [], failures: 0, extras: [], refunds: [], ...tried };
  }
  if (state.status === 'none') throw new ImpossibleEvent(event.type, state.status);
  switch (event.type) {
    case 'GatewayOrderAttached': {
      const { gatewayOrderId, paymentUrl, gateway = state.gateway, tries } = event;
      const tried = tries === undefined ? {} : { tries: [...(state.tries ?? []), ...tries] };
      return { ...state, gateway, offer: { gatewayOrderId, paymentUrl }, ...tried };
    }
    case 'PaymentAuthorised': {
      if (state.status !== 'open') throw new ImpossibleEvent(event.type, state.status);
      const { type: _, orderId: __, ...authorisation } = event;
      return { ...state, status: 'authorised', authorisation, ending: null };
    }
    case 'CaptureRequested': {
      if (state.status !== 'authorised') throw new ImpossibleEvent(event.type, state.status);
      return { ...state, ending: { as: 'capture', amount: event.amount } };
    }
    case 'VoidRequested': {
      const { gatewayPaymentId } = event;
      if (state.status === 'authorised' && state.authorisation.gatewayPaymentId === gatewayPaymentId)
        return { ...state, ending: { as: 'void' } };
      return { ...state, letGo: [...(state.letGo ?? []), gatewayPaymentId] };
    }
    case 'PaymentVoided': {
      if (state.status !== 'authorised') throw new ImpossibleEvent(event.type, state.status);
      const { ending: _, ...rest } = state;
      return { ...rest, status: 'voided' };
    }
    case 'PaymentCaptured': {
      const { gatewayPaymentId, amount, gatewayAt, gateway } = event;
      const from = gateway === undefined ? {} : { gateway };
      return { ...openedOf(state), status: 'captured', capture: { gatewayPaymentId, amount, gatewayAt, ...from } };
    }
    case 'PaymentAttemptFailed': {
      const attempts = [...state.attempts, event.gatewayPaymentId].slice(-REMEMBERED_ATTEMPTS);
      return { ...state, attempts, failures: state.failures + 1 };
    }
    case 'ExtraCaptureSeen':
      return { ...state, extras: [...state.extras, event.gatewayPaymentId] };
    case 'RefundRequested': {
      const { refundId, gatewayPaymentId, amount, reason, gateway } = event;
      const from = gateway === undefined ? {} : { gateway };
      const others = state.refunds.filter((refund) => refund.refundId !== refundId);
      return {
        ...state,
        refunds: [...others, { refundId, gatewayPaymentId, amount, reason, ...from, status: 'requested' }],
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

/** What it has in every status. */
function openedOf(state: OpenedPayment): Omit<Extract<PaymentState, { status: 'open' }>, 'status'> {
  if (state.status === 'open') return state;
  if (state.status === 'captured') {
    const { capture: _, ...opened } = state;
    return opened;
  }
  const { authorisation: _, ...opened } = state;
  return opened;
}

type Asked = Pick<Refund, 'refundId' | 'gatewayPaymentId' | 'amount' | 'reason' | 'gateway'>;

function withRefund(state: OpenedPayment, id: Refund['refundId'], ended: (asked: Asked) => Refund): PaymentState {
  return {
    ...state,
    refunds: state.refunds.map((refund) => {
      if (refund.refundId !== id) return refund;
      const { refundId, gatewayPaymentId, amount, reason, gateway } = refund;
      const from = gateway === undefined ? {} : { gateway };
      return ended({ refundId, gatewayPaymentId, amount, reason, ...from });
    }),
  };
}
