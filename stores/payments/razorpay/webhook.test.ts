import { createHmac } from 'node:crypto';
import Razorpay from 'razorpay';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../actors/checkout/ports.ts';
import { type OrderEntity, orderEntity } from './entities.ts';
import { isSigned, readNotice } from './webhook.ts';

const paymentId = 'pay_0190a1b2c3d47e5f8a9b0c1d2e3f4a5b';
const refundId = 'rfd_0190a1b2c3d47e5f8a9b0c1d2e3f4a5c';
const signed = (body: string, secret: string) => createHmac('sha256', secret).update(body).digest('hex');

describe('the signature', () => {
  const body = '{"entity":"event","event":"payment.captured","note":"₹ £ 😀"}';
  const check = (signature: unknown, secrets = ['one', 'two'], raw = body) =>
    isSigned(Buffer.from(raw), { 'x-razorpay-signature': signature as string }, secrets);

  it('is Razorpay’s own: the SDK agrees on the good and the bad', () => {
    for (const secret of ['one', 'two', 'three']) {
      const signature = signed(body, secret);
      expect(Razorpay.validateWebhookSignature(body, signature, secret)).toBe(true);
      expect(check(signature, [secret])).toBe(true);
      expect(Razorpay.validateWebhookSignature(body, signature, 'other')).toBe(false);
      expect(check(signature, ['other'])).toBe(false);
    }
  });

  // Published: https://razorpay.com/docs/payments/server-integration/nodejs/payment-gateway/build-integration
  it('is HMAC-SHA256 in hex, as in the documents’ example of a payment', () => {
    const [secret, text] = ['EnLs21M47BllR3X8PSFtjtbd', 'order_IEIaMR65cu6nz3|pay_IH4NVgf4Dreq1l'];
    const published = '0d4e745a1838664ad6c9c9902212a32d627d68e917290b0ad5f08ff4561bc50f';
    expect(check(published, [secret], text)).toBe(true);
  });

  it('may be by any of the secrets while one is changed', () => {
    expect(check(signed(body, 'one'))).toBe(true);
    expect(check(signed(body, 'two'))).toBe(true);
    expect(check(signed(body, 'three'))).toBe(false);
    expect(check(signed(body, 'one'), [])).toBe(false);
  });

  it('is of exactly these bytes', () => {
    expect(check(signed(body, 'one'), ['one'], `${body} `)).toBe(false);
    expect(check(signed(JSON.stringify(JSON.parse(body), null, 1), 'one'))).toBe(false);
  });

  it('is 64 hex digits and nothing else', () => {
    const good = signed(body, 'one');
    for (const bad of [undefined, '', 'x'.repeat(64), good.slice(1), `${good}00`, ` ${good}`, [good, good]])
      expect(check(bad)).toBe(false);
  });
});

/** As in https://razorpay.com/docs/webhooks/payments, with what is ours put in. */
const payment = {
  id: 'pay_DESyzxuld02Zul',
  entity: 'payment',
  amount: 100,
  currency: 'INR',
  base_amount: 100,
  status: 'captured',
  order_id: 'order_DESxiijbl9xjDB',
  invoice_id: null,
  international: false,
  method: 'upi',
  amount_refunded: 0,
  amount_transferred: 0,
  refund_status: null,
  captured: true,
  description: null,
  card_id: null,
  bank: null,
  wallet: null,
  vpa: 'gaurav.kumar@upi',
  email: 'gaurav.kumar@example.com',
  contact: '+919876543210',
  notes: [] as unknown,
  fee: 2,
  tax: 0,
  error_code: null as string | null,
  error_description: null as string | null,
  error_source: null,
  error_step: null,
  error_reason: null as string | null,
  acquirer_data: { rrn: '0125836177' },
  created_at: 1_567_675_356,
  upi: { payer_account_type: 'credit_card', vpa: 'gaurav.kumar@upi', flow: 'intent' },
};
const order = {
  id: 'order_DESxiijbl9xjDB',
  entity: 'order',
  amount: 100,
  amount_paid: 100,
  amount_due: 0,
  currency: 'INR',
  receipt: paymentId as string | null,
  offer_id: null,
  status: 'paid',
  attempts: 1,
  notes: [] as unknown,
  created_at: 1_567_675_183,
};
const refund = {
  id: 'rfnd_FS8TWyPrCsa0OB',
  entity: 'refund',
  amount: 100,
  currency: 'INR',
  payment_id: payment.id,
  notes: { paymentId, refundId } as unknown,
  receipt: null,
  acquirer_data: { arn: null },
  created_at: 1_597_734_071,
  batch_id: null,
  status: 'processed',
  speed_processed: 'normal',
  speed_requested: 'optimum',
};
const failed = {
  ...payment,
  status: 'failed',
  error_code: 'BAD_REQUEST_ERROR',
  error_description: 'Payment failed',
  error_reason: 'payment_failed',
};

const event = (name: string, entities: Record<string, unknown>): Buffer =>
  Buffer.from(
    JSON.stringify({
      entity: 'event',
      account_id: 'acc_BFQ7uQEaa7j2z7',
      event: name,
      contains: Object.keys(entities),
      payload: Object.fromEntries(Object.entries(entities).map(([kind, entity]) => [kind, { entity }])),
      created_at: 1_567_675_360,
    }),
  );

/** Razorpay's orders, and how often they were asked for. */
const orders = (...known: readonly unknown[]) => {
  const asked: string[] = [];
  const all = known.map((one) => orderEntity.parse(one));
  const orderOf = async (id: string): Promise<OrderEntity | undefined> => {
    asked.push(id);
    return all.find((one) => one.id === id);
  };
  return { asked, orderOf };
};
const noOrders = orders().orderOf;
const ours = { notes: { paymentId } };
const captured = {
  type: 'captured',
  paymentId,
  gatewayPaymentId: payment.id,
  amount: 100,
  gatewayAt: 1_567_675_360_000,
};

describe('what it says', () => {
  it('captured, by either of the two events', async () => {
    const { asked, orderOf } = orders(order);
    expect(await readNotice(event('order.paid', { payment, order }), orderOf)).toEqual(captured);
    expect(await readNotice(event('payment.captured', { payment: { ...payment, ...ours } }), orderOf)).toEqual(
      captured,
    );
    expect(asked).toEqual([]);
  });

  it('captured, for a payment that does not say what it is for: the order is asked for, once', async () => {
    const { asked, orderOf } = orders(order);
    expect(await readNotice(event('payment.captured', { payment }), orderOf)).toEqual(captured);
    expect(asked).toEqual([order.id]);
  });

  it('captured, by the order that we made rather than by notes that came through a browser', async () => {
    const forged = { ...payment, notes: { paymentId: paymentId.replace('0190', 'ffff') } };
    expect(await readNotice(event('order.paid', { payment: forged, order }), noOrders)).toEqual(captured);
  });

  it('failed, with the reason before the class of the error', async () => {
    const read = (changes: object) =>
      readNotice(event('payment.failed', { payment: { ...failed, ...ours, ...changes } }), noOrders);
    const notice = { type: 'failed', paymentId, gatewayPaymentId: payment.id, description: 'Payment failed' };
    expect(await read({})).toEqual({ ...notice, code: 'payment_failed' });
    expect(await read({ error_reason: null })).toEqual({ ...notice, code: 'BAD_REQUEST_ERROR' });
    expect(await read({ error_reason: '', error_code: '', error_description: '' })).toEqual({
      ...notice,
      code: 'payment_failed',
      description: '',
    });
  });

  it('refunded, or that it failed', async () => {
    expect(await readNotice(event('refund.processed', { refund, payment }), noOrders)).toEqual({
      type: 'refunded',
      paymentId,
      refundId,
      gatewayRefundId: refund.id,
    });
    const lost = event('refund.failed', { refund: { ...refund, status: 'failed' }, payment });
    expect(await readNotice(lost, noOrders)).toMatchObject({ type: 'refund-failed', paymentId, refundId });
  });

  it('nothing to us: other events, and money of the account that is not this shop’s', async () => {
    const { orderOf } = orders({ ...order, receipt: 'invoice 17' });
    const others: readonly [string, Buffer][] = [
      ['payment.authorized', event('payment.authorized', { payment })],
      ['subscription.charged', Buffer.from('{"event":"subscription.charged"}')],
      ['payment.captured', event('payment.captured', { payment })],
      ['payment.captured', event('payment.captured', { payment: { ...payment, order_id: null } })],
      ['payment.failed', event('payment.failed', { payment: { ...failed, order_id: 'order_unknown' } })],
      ['order.paid', event('order.paid', { payment: { ...payment, ...ours }, order: { ...order, receipt: null } })],
      ['refund.processed', event('refund.processed', { refund: { ...refund, notes: [] }, payment })],
    ];
    for (const [name, body] of others)
      expect(await readNotice(body, orderOf)).toEqual({ type: 'ignored', event: name });
  });

  it('no sense: signed, but not as documented', async () => {
    const odd: readonly Buffer[] = [
      Buffer.from(''),
      Buffer.from('{'),
      Buffer.from('null'),
      Buffer.from('[]'),
      Buffer.from('{"event":7}'),
      Buffer.from('{"event":"payment.captured","payload":{}}'),
      event('payment.captured', { payment: { ...payment, ...ours, amount: 99.5 } }),
      event('payment.captured', { payment: { ...payment, ...ours, amount: '100' } }),
      event('payment.captured', { payment: { ...payment, ...ours, amount: -100 } }),
      event('payment.captured', { payment: { ...payment, ...ours, currency: 'USD' } }),
      event('refund.processed', { payment }),
    ];
    for (const body of odd) {
      const error = await readNotice(body, noOrders).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GatewayError);
      expect(error).toMatchObject({ code: 'invalid-answer' });
    }
  });
});
