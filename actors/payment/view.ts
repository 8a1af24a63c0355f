import type { PaymentState, PaymentView, Refund, RefundView } from './payment.ts';

export function view(state: PaymentState): PaymentView {
  if (state.status === 'none') return { status: 'none' };
  const { status, id, orderId, userId, amount, method, gateway, offer, failures, refunds, tries } = state;
  return {
    status,
    id,
    orderId,
    userId,
    amount,
    method,
    gateway,
    ...offer,
    ...('authorisation' in state ? { authorisation: state.authorisation } : {}),
    ...(state.status === 'authorised' && state.ending !== null ? { ending: state.ending.as } : {}),
    ...(state.status === 'captured' ? { capture: state.capture } : {}),
    failures,
    refunds: refunds.map(refundView),
    ...(tries === undefined ? {} : { tries }),
  };
}

function refundView(refund: Refund): RefundView {
  const { refundId, gatewayPaymentId, amount, reason, status, gateway } = refund;
  const told = { refundId, gatewayPaymentId, amount, reason, status, ...(gateway === undefined ? {} : { gateway }) };
  return refund.status === 'processed' ? { ...told, gatewayRefundId: refund.gatewayRefundId } : told;
}
