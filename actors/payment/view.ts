import type { PaymentState, PaymentView, Refund, RefundView } from './payment.ts';

export function view(state: PaymentState): PaymentView {
  if (state.status === 'none') return { status: 'none' };
  const { status, id, orderId, userId, amount, method, gateway, offer, failures, refunds } = state;
  return {
    status,
    id,
    orderId,
    userId,
    amount,
    method,
    gateway,
    ...offer,
    ...(state.status === 'captured' ? { capture: state.capture } : {}),
    failures,
    refunds: refunds.map(refundView),
  };
}

function refundView(refund: Refund): RefundView {
  const { refundId, gatewayPaymentId, amount, reason, status } = refund;
  const told = { refundId, gatewayPaymentId, amount, reason, status };
  return refund.status === 'processed' ? { ...told, gatewayRefundId: refund.gatewayRefundId } : told;
}
