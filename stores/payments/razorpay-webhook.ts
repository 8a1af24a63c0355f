/**
 * Razorpay's webhooks: `X-Razorpay-Signature` is the hex HMAC-SHA256 of the raw body with the webhook's secret.
 * https://razorpay.com/docs/webhooks/validate-test
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { GatewayError, type GatewayNotice } from '../../actors/checkout/ports.ts';
import type { PaymentId, RefundId } from '../../actors/ids.ts';
import { paise } from '../../actors/ids.ts';
import type { RazorpayApi } from './razorpay-api.ts';
import { type PaymentEntity, type WebhookBody, webhookBody } from './razorpay-entities.ts';

const paymentIdSchema = z.string().regex(/^pay_[0-9a-f]{32}$/);
const refundIdSchema = z.string().regex(/^rfd_[0-9a-f]{32}$/);

/** Constant in time over the content; several secrets are valid while one is being replaced. */
export function isSigned(rawBody: Buffer, signature: unknown, secrets: readonly string[]): boolean {
  if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/.test(signature)) return false;
  const given = Buffer.from(signature, 'hex');
  let signed = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret).update(rawBody).digest();
    signed = timingSafeEqual(expected, given) || signed;
  }
  return signed;
}

/** Throws GatewayError `invalid-answer` for a body that is not one of Razorpay's. */
export function parseWebhook(rawBody: Buffer): WebhookBody {
  try {
    return webhookBody.parse(JSON.parse(rawBody.toString('utf8')));
  } catch (cause) {
    throw new GatewayError('invalid-answer', 'a signed webhook that makes no sense', { cause });
  }
}

export async function readNotice(body: WebhookBody, api: RazorpayApi): Promise<GatewayNotice> {
  const { payment, order, refund } = body.payload;
  switch (body.event) {
    case 'payment.captured':
    case 'order.paid': {
      if (!payment) return malformed(body.event);
      const { id, amount, created_at } = payment.entity;
      const paymentId = await paymentIdOf(payment.entity, order?.entity.receipt, api);
      if (!paymentId) return { type: 'ignored', event: `${body.event} of a payment that is not ours` };
      const gatewayAt = (body.created_at ?? created_at) * 1000;
      return { type: 'captured', paymentId, gatewayPaymentId: id, amount: paise(amount), gatewayAt };
    }
    case 'payment.failed': {
      if (!payment) return malformed(body.event);
      const { id, error_code, error_description } = payment.entity;
      const paymentId = await paymentIdOf(payment.entity, order?.entity.receipt, api);
      if (!paymentId) return { type: 'ignored', event: `${body.event} of a payment that is not ours` };
      const code = error_code ?? 'UNKNOWN';
      return { type: 'failed', paymentId, gatewayPaymentId: id, code, description: error_description ?? '' };
    }
    case 'refund.processed':
    case 'refund.failed': {
      if (!refund) return malformed(body.event);
      const { id, notes } = refund.entity;
      const paymentId = paymentIdSchema.safeParse(notes.paymentId).data as PaymentId | undefined;
      const refundId = refundIdSchema.safeParse(notes.refundId).data as RefundId | undefined;
      if (!paymentId || !refundId) return { type: 'ignored', event: `${body.event} that we did not ask for` };
      if (body.event === 'refund.processed') return { type: 'refunded', paymentId, refundId, gatewayRefundId: id };
      return { type: 'refund-failed', paymentId, refundId, reason: 'the gateway could not pay it out' };
    }
    default:
      return { type: 'ignored', event: body.event };
  }
}

const malformed = (event: string): never => {
  throw new GatewayError('invalid-answer', `${event} without its entity`);
};

/** In the notes of the payment if its page gave them; else the receipt of its order, which we always set. */
async function paymentIdOf(
  payment: PaymentEntity,
  receipt: string | null | undefined,
  api: RazorpayApi,
): Promise<PaymentId | undefined> {
  const known = [payment.notes.paymentId, receipt].find((candidate) => paymentIdSchema.safeParse(candidate).success);
  if (known != null) return known as PaymentId;
  if (payment.order_id === null) return undefined;
  const order = await api.fetchOrder(payment.order_id);
  return paymentIdSchema.safeParse(order.receipt).data as PaymentId | undefined;
}
