/**
 * Razorpay's entities and webhooks as its API shows them. https://razorpay.com/docs/api/orders/entity ·
 * …/api/payments/entity · …/api/refunds/entity · …/docs/webhooks/payments
 */
import { createHmac } from 'node:crypto';
import { isPaid, type OrderRecord, type PaymentRecord, type RefundRecord, refundedOf, type Webhook } from './facts.ts';

export function orderEntity(order: OrderRecord) {
  const { id, amount, receipt, notes, payments, at } = order;
  const paid = isPaid(order);
  return {
    id,
    entity: 'order',
    amount,
    amount_paid: paid ? amount : 0,
    amount_due: paid ? 0 : amount,
    currency: 'INR',
    receipt,
    offer_id: null,
    status: paid ? 'paid' : payments.length > 0 ? 'attempted' : 'created',
    attempts: payments.length,
    notes: notesEntity(notes),
    created_at: at,
  };
}

const NO_ERROR = {
  error_code: null,
  error_description: null,
  error_source: null,
  error_step: null,
  error_reason: null,
};
const DECLINED = {
  error_code: 'BAD_REQUEST_ERROR',
  error_description: "Payment was unsuccessful as it was declined by the customer's bank",
  error_source: 'bank',
  error_step: 'payment_authorization',
  error_reason: 'payment_failed',
};

/** `refunded`: as it stood at some moment. The payment's own notes are those of the checkout, of which there are none. */
export function paymentEntity(payment: PaymentRecord, refunded = refundedOf(payment)) {
  const { id, order, method, captured, at } = payment;
  const { amount } = order;
  const whole = refunded === amount;
  return {
    id,
    entity: 'payment',
    amount,
    currency: 'INR',
    base_amount: amount,
    status: !captured ? 'failed' : whole ? 'refunded' : 'captured',
    order_id: order.id,
    invoice_id: null,
    international: false,
    method,
    amount_refunded: refunded,
    amount_transferred: 0,
    refund_status: refunded === 0 ? null : whole ? 'full' : 'partial',
    captured,
    description: null,
    card_id: null,
    bank: method === 'netbanking' ? 'HDFC' : null,
    wallet: null,
    vpa: method === 'upi' ? 'customer@upi' : null,
    email: 'customer@example.com',
    contact: '+919000000000',
    notes: [],
    // 2 % and GST of 18 % on it; the fee includes the tax.
    fee: captured ? Math.round(amount * 0.0236) : null,
    tax: captured ? Math.round(amount * 0.0036) : null,
    ...(captured ? NO_ERROR : DECLINED),
    acquirer_data: method === 'card' ? { auth_code: null } : { rrn: null },
    created_at: at,
  };
}

/** `status`: as it stood at some moment. */
export function refundEntity(refund: RefundRecord, status = refund.status) {
  const { id, payment, amount, receipt, notes, at } = refund;
  return {
    id,
    entity: 'refund',
    amount,
    currency: 'INR',
    payment_id: payment.id,
    notes: notesEntity(notes),
    receipt,
    acquirer_data: { arn: null },
    created_at: at,
    batch_id: null,
    status,
    speed_processed: 'normal',
    speed_requested: 'normal',
  };
}

const notesEntity = (notes: OrderRecord['notes']) => (Object.keys(notes).length === 0 ? [] : notes);

/** The entities as they were when it happened: a retry is the same, byte for byte. */
function webhookBody({ name, at, of }: Webhook): string {
  const entities =
    'payment' in of
      ? {
          refund: refundEntity(of, name === 'refund.failed' ? 'failed' : 'processed'),
          payment: paymentEntity(of.payment, refundedOf(of.payment, of)),
        }
      : { payment: paymentEntity(of, 0), ...(name === 'order.paid' ? { order: orderEntity(of.order) } : {}) };
  return JSON.stringify({
    entity: 'event',
    account_id: 'acc_SimulatedHaat1',
    event: name,
    contains: Object.keys(entities),
    payload: Object.fromEntries(Object.entries(entities).map(([kind, entity]) => [kind, { entity }])),
    created_at: at,
  });
}

export function signedWebhook(webhook: Webhook, secret: string) {
  const body = webhookBody(webhook);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Razorpay-Webhook/v1',
    'x-razorpay-signature': createHmac('sha256', secret).update(body).digest('hex'),
    'x-razorpay-event-id': webhook.id,
  };
  return { headers, body };
}
