/** What goes wrong between a customer, a gateway and us: nothing is paid twice, nothing that was paid is lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Counter, openCounter } from './counter.ts';

const HELD_S = 15;
const TIMEOUT = 60_000;
let counter: Counter;
beforeAll(async () => {
  counter = await openCounter({ reservationSeconds: HELD_S });
}, 60_000);
afterAll(() => counter[Symbol.asyncDispose]());

const heldOf = async (receipt: string) => {
  const { captured = 0, refunded = 0 } =
    (await counter.tills()).razorpay.find((order) => order.receipt === receipt) ?? {};
  return { captured, refunded };
};

describe('a gateway that is down', () => {
  test('is passed over for the next, which is told apart in the books', { timeout: TIMEOUT }, async () => {
    await counter.trouble('payu', { api: { failNext: 3 } });
    const asha = await counter.customer();
    const order = await counter.order(asha, 'netbanking');
    expect(order.payment).toMatchObject({ gateway: 'razorpay', method: 'netbanking' });
    expect(await counter.payment(order.payment.id)).toMatchObject({
      gateway: 'razorpay',
      tries: [{ gateway: 'payu', why: 'unavailable' }],
    });
    await counter.pay(order);
    await counter.until(asha, order, 'CONFIRMED', ({ payment }) => payment.gateway === 'razorpay');
    await counter.ask(asha, 'POST', `/api/orders/${order.id}/cancel`, { reason: 'changed my mind' });
    await counter.until(asha, order, 'CANCELLED', ({ payment }) => payment.status === 'refunded');
    expect(await heldOf(order.payment.id)).toEqual({ captured: order.totals.total, refunded: order.totals.total });
  });

  test('and is the only one leaves the order without a page, and gives it one when it is back', {
    timeout: TIMEOUT,
  }, async () => {
    await counter.trouble('razorpay', { api: { failNext: 3 } });
    const asha = await counter.customer();
    const order = await counter.order(asha, 'upi');
    expect(order).toMatchObject({ status: 'PAYMENT_PENDING', payment: { paymentUrl: null } });
    const offered = await counter.until(asha, order, 'PAYMENT_PENDING', ({ payment }) => payment.paymentUrl !== null);
    await counter.pay(offered);
    await counter.until(asha, order, 'CONFIRMED');
  });
});

describe('a payment that failed', () => {
  test('is followed by another in another way; the old one, paid late, goes back once', {
    timeout: TIMEOUT,
  }, async () => {
    await counter.trouble('razorpay', { webhooks: { duplicates: 2, reorder: true } });
    const asha = await counter.customer();
    const first = await counter.order(asha, 'upi');
    await counter.pay(first, 'failure');
    await counter.until(asha, first, 'PAYMENT_FAILED');
    const second = await counter.retry(asha, first, 'netbanking');
    expect(second).toMatchObject({
      id: first.id,
      status: 'PAYMENT_PENDING',
      payment: { method: 'netbanking', gateway: 'payu' },
      otherPayments: [{ id: first.payment.id, method: 'upi', gateway: 'razorpay' }],
    });
    await counter.pay(second);
    await counter.until(asha, first, 'CONFIRMED');

    await counter.pay(first);
    const { total } = first.totals;
    await expect
      .poll(() => heldOf(first.payment.id), { timeout: 20_000 })
      .toEqual({ captured: total, refunded: total });
    const { refunds } = { refunds: [], ...(await counter.payment(first.payment.id)) };
    expect(refunds).toHaveLength(1);
    await counter.trouble('razorpay', { webhooks: { duplicates: 0, reorder: false } });
    // What went back was never the order's: it is paid, and nothing of that was refunded.
    const now = await counter.until(asha, first, 'CONFIRMED');
    expect(now).toMatchObject({ refunded: 0, payment: { id: second.payment.id, status: 'captured' } });

    // And if it is cancelled, its own money goes back to where it came from.
    await counter.ask(asha, 'POST', `/api/orders/${first.id}/cancel`, { reason: 'changed my mind' });
    await counter.until(asha, first, 'CANCELLED', ({ payment }) => payment.status === 'refunded');
    expect((await counter.tills()).payu.find(({ txnid }) => txnid === second.payment.gatewayOrderId)).toMatchObject({
      captured: total,
      refunded: total,
    });
    expect(await heldOf(first.payment.id)).toEqual({ captured: total, refunded: total });
  });

  test('pays the order all the same if its bank was late, and then the other try is not needed', {
    timeout: TIMEOUT,
  }, async () => {
    const asha = await counter.customer();
    const first = await counter.order(asha, 'upi');
    await counter.pay(first, 'failure');
    await counter.until(asha, first, 'PAYMENT_FAILED');
    const second = await counter.retry(asha, first, 'card');
    await counter.pay(first);
    const bought = await counter.until(asha, first, 'CONFIRMED');
    expect(bought).toMatchObject({
      payment: { id: first.payment.id },
      otherPayments: [{ id: second.payment.id, method: 'card' }],
    });
    await counter.pay(second);
    const { total } = first.totals;
    await expect
      .poll(() => heldOf(second.payment.id), { timeout: 20_000 })
      .toEqual({ captured: total, refunded: total });
    expect(await heldOf(first.payment.id)).toEqual({ captured: total, refunded: 0 });
  });

  test('is tried again once however often it is asked, by its own customer, and not after its end', {
    timeout: TIMEOUT,
  }, async () => {
    const [asha, ravi] = [await counter.customer(), await counter.customer()];
    const order = await counter.order(asha, 'upi');
    const path = `/api/orders/${order.id}/payments`;
    expect((await counter.ask(ravi, 'POST', path, { method: 'upi' })).status).toBe(404);
    expect((await counter.ask(asha, 'POST', path, { method: 'cod' })).body.code).toBe('payment-method-unavailable');
    expect((await counter.ask(asha, 'POST', path, { method: 'wallet' })).body.code).toBe('payment-method-unavailable');
    expect((await counter.ask(asha, 'POST', path, { method: 'barter' })).status).toBe(400);
    await counter.ask(asha, 'POST', `/api/orders/${order.id}/cancel`, { reason: 'no' });
    await counter.until(asha, order, 'CANCELLED');
    const late = await counter.ask(asha, 'POST', path, { method: 'upi' });
    expect([late.status, late.body.code]).toEqual([409, 'invalid-transition']);
  });
});

describe('a webhook that never comes', () => {
  test.each([
    ['upi', 'razorpay'],
    ['netbanking', 'payu'],
    ['paylater', 'pay-later'],
  ] as const)('of %s: the order is confirmed in time', { timeout: TIMEOUT }, async (method, gateway) => {
    await counter.trouble(gateway, { webhooks: { missNext: 1 } });
    const asha = await counter.customer();
    const order = await counter.order(asha, method);
    await counter.pay(order, 'success', 'closes');
    const bought = await counter.until(asha, order, 'CONFIRMED');
    expect(bought.payment.status).toBe(method === 'paylater' ? 'authorised' : 'captured');
  });
});

test('nothing failed on the way', () => {
  expect(counter.failures()).toEqual([]);
});
