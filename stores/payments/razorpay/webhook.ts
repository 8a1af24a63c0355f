/** Razorpay's webhooks, in our words. https://razorpay.com/docs/webhooks/validate-test */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import { GatewayError, type GatewayNotice } from '../../../actors/checkout/ports.ts';
import { type PaymentId, paise, type RefundId } from '../../../actors/ids.ts';
import { type OrderEntity, type PaymentEntity, paymentEvent, refundEvent, webhookName } from './entities.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * `X-Razorpay-Signature` is the hex HMAC-SHA256 of the bytes as they came, with the webhook's secret. While a secret
 * is being changed both are good: retries of older events keep the old one.
 */
export function isSigned(rawBody: Buffer, headers: Headers, secrets: readonly string[]): boolean {
  const signature = headers['x-razorpay-signature'];
  if (typeof signature !== 'string' || !/^[0-9a-f]{64}$/i.test(signature)) return false;
  const given = Buffer.from(signature, 'hex');
  let good = false;
  for (const secret of secrets) {
    // All are tried, so that the time does not tell which one it was.
    if (timingSafeEqual(createHmac('sha256', secret).update(rawBody).digest(), given)) good = true;
  }
  return good;
}

/** `orderOf` asks Razorpay for an order: for a payment that does not say by itself what it is for. */
export async function readNotice(
  rawBody: Buffer,
  orderOf: (gatewayOrderId: string) => Promise<OrderEntity | undefined>,
): Promise<GatewayNotice> {
  const body = jsonOf(rawBody);
  const { event } = as(webhookName, body);
  const ignored: GatewayNotice = { type: 'ignored', event };
  switch (event) {
    case 'payment.captured':
    case 'order.paid': {
      const { created_at, payload } = as(paymentEvent, body);
      const payment = payload.payment.entity;
      const paymentId = await paymentIdOf(payment, payload.order?.entity, orderOf);
      if (paymentId === undefined) return ignored;
      return {
        type: 'captured',
        paymentId,
        gatewayPaymentId: payment.id,
        amount: paise(payment.amount),
        gatewayAt: (created_at ?? payment.created_at) * 1_000,
        ...(typeof payment.card_id === 'string' ? { card: payment.card_id } : {}),
      };
    }
    case 'payment.failed': {
      const payment = as(paymentEvent, body).payload.payment.entity;
      const paymentId = await paymentIdOf(payment, undefined, orderOf);
      if (paymentId === undefined) return ignored;
      return {
        type: 'failed',
        paymentId,
        gatewayPaymentId: payment.id,
        // The reason says what happened; the code is a broad class.
        code: payment.error_reason || payment.error_code || 'payment_failed',
        description: payment.error_description || '',
      };
    }
    case 'refund.processed':
    case 'refund.failed': {
      const refund = as(refundEvent, body).payload.refund.entity;
      const paymentId = ourPaymentId(refund.notes['paymentId']);
      const refundId = ourRefundId(refund.notes['refundId']);
      // Made by hand in the dashboard, or by Razorpay itself for a payment that it did not capture.
      if (paymentId === undefined || refundId === undefined) return ignored;
      return event === 'refund.processed'
        ? { type: 'refunded', paymentId, refundId, gatewayRefundId: refund.id }
        : { type: 'refund-failed', paymentId, refundId, reason: 'refund_failed' };
    }
    default:
      return ignored;
  }
}

/**
 * The order was made by us, so it is believed before the payment's notes, which pass through the customer's browser.
 * Those can at worst name another payment, which then gets money that it keeps only if it is exactly what it asked for.
 * undefined: a payment of the account that is not ours.
 */
async function paymentIdOf(
  payment: PaymentEntity,
  order: OrderEntity | undefined,
  orderOf: (gatewayOrderId: string) => Promise<OrderEntity | undefined>,
): Promise<PaymentId | undefined> {
  const known = order ? ourPaymentId(order.receipt) : ourPaymentId(payment.notes['paymentId']);
  if (known !== undefined || order !== undefined || !payment.order_id) return known;
  return ourPaymentId((await orderOf(payment.order_id))?.receipt);
}

/** Ours have 32 hex digits, Razorpay's own 14 characters. */
const ourPaymentId = (text: unknown): PaymentId | undefined =>
  typeof text === 'string' && /^pay_[0-9a-f]{32}$/.test(text) ? (text as PaymentId) : undefined;

const ourRefundId = (text: unknown): RefundId | undefined =>
  typeof text === 'string' && /^rfd_[0-9a-f]{32}$/.test(text) ? (text as RefundId) : undefined;

function jsonOf(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch (cause) {
    throw new GatewayError('invalid-answer', 'A signed webhook is not JSON', { cause, retryable: false });
  }
}

function as<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new GatewayError('invalid-answer', `A signed webhook is not as documented (${where})`, { retryable: false });
}
