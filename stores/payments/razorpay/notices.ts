/**
 * What the webhooks of an order would have told, by asking: `GET /orders/{id}/payments`, and the refunds of what was captured.
 * https://razorpay.com/docs/api/orders/fetch-payments
 */
import type { GatewayNotice } from '../../../actors/checkout/ports.ts';
import { type PaymentId, paise, type RefundId } from '../../../actors/ids.ts';
import type { RazorpayClient } from './client.ts';
import { collectionOf, type PaymentEntity, paymentEntity, type RefundEntity, refundEntity } from './entities.ts';

const payments = collectionOf(paymentEntity);
const refunds = collectionOf(refundEntity);

export async function noticesOf(
  paymentId: PaymentId,
  gatewayOrderId: string,
  client: RazorpayClient,
): Promise<readonly GatewayNotice[]> {
  const made = await client.repeatable(payments, (sdk) => sdk.orders.fetchPayments(gatewayOrderId));
  const told: GatewayNotice[] = made.items.flatMap((payment) => noticeOf(paymentId, payment) ?? []);
  for (const notice of [...told]) {
    if (notice.type !== 'captured') continue;
    const id = notice.gatewayPaymentId;
    const given = await client.repeatable(refunds, (sdk) => sdk.payments.fetchMultipleRefund(id, { count: 100 }));
    told.push(...given.items.flatMap((refund) => refundNoticeOf(paymentId, refund) ?? []));
  }
  return told;
}

/** undefined: not decided yet. */
function noticeOf(paymentId: PaymentId, payment: PaymentEntity): GatewayNotice | undefined {
  const { id: gatewayPaymentId, status, amount, created_at } = payment;
  if (status === 'captured' || status === 'refunded')
    return { type: 'captured', paymentId, gatewayPaymentId, amount: paise(amount), gatewayAt: created_at * 1_000 };
  if (status !== 'failed') return undefined;
  const code = payment.error_reason || payment.error_code || 'payment_failed';
  return { type: 'failed', paymentId, gatewayPaymentId, code, description: payment.error_description || '' };
}

/** undefined: still on its way, or none of ours. */
function refundNoticeOf(paymentId: PaymentId, { id, status, notes }: RefundEntity): GatewayNotice | undefined {
  const { refundId } = notes;
  if (typeof refundId !== 'string' || !/^rfd_[0-9a-f]{32}$/.test(refundId)) return undefined;
  const ours = { paymentId, refundId: refundId as RefundId };
  if (status === 'processed') return { type: 'refunded', ...ours, gatewayRefundId: id };
  return status === 'failed' ? { type: 'refund-failed', ...ours, reason: 'refund_failed' } : undefined;
}
