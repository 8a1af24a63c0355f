/** Every way to pay, bought through HTTP on real servers, with the gateways' formats on the other side. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Counter, openCounter } from './counter.ts';

let counter: Counter;
beforeAll(async () => {
  counter = await openCounter();
}, 60_000);
afterAll(() => counter[Symbol.asyncDispose]());

const TIMEOUT = 60_000;

describe('an order is bought', () => {
  test.each(['upi', 'card'] as const)('by %s at Razorpay', { timeout: TIMEOUT }, async (method) => {
    const asha = await counter.customer();
    const order = await counter.order(asha, method);
    expect(order).toMatchObject({
      status: 'PAYMENT_PENDING',
      payment: { method, gateway: 'razorpay', status: 'pending' },
    });
    await counter.pay(order);
    const bought = await counter.until(asha, order, 'CONFIRMED');
    expect(bought.payment.status).toBe('captured');
    const { total } = order.totals;
    expect((await counter.tills()).razorpay).toContainEqual({
      receipt: order.payment.id,
      captured: total,
      refunded: 0,
    });
  });

  test('by netbanking at PayU, on a page that knows who pays', { timeout: TIMEOUT }, async () => {
    const asha = await counter.customer();
    const order = await counter.order(asha, 'netbanking');
    expect(order.payment).toMatchObject({ gateway: 'payu', status: 'pending' });
    const page = String(order.payment.paymentUrl);
    const { view } = await counter.actors.order.read(order.id);
    const phone = view.status === 'NONE' ? '' : view.shippingAddress.phone;
    expect(await counter.pageOfPayu(page)).toMatchObject({
      txnid: order.payment.gatewayOrderId,
      firstname: expect.stringMatching(/^Shopper/),
      phone: phone.slice(3),
      enforce_paymethod: 'netbanking',
    });
    // Who it is is shown on a page that we have made, to nobody who changes its address.
    expect((await fetch(page.replace('amount=', 'amount=1'))).status).toBe(404);
    await counter.pay(order, 'success', 'closes');
    await counter.until(asha, order, 'CONFIRMED');
    expect((await fetch(page)).status).toBe(409);
    expect((await counter.tills()).payu).toContainEqual({
      txnid: order.payment.gatewayOrderId,
      captured: order.totals.total,
      refunded: 0,
    });
  });

  test('by netbanking, told by the customer’s browser alone', { timeout: TIMEOUT }, async () => {
    await counter.trouble('payu', { webhooks: { missNext: 1 } });
    const asha = await counter.customer();
    const order = await counter.order(asha, 'netbanking');
    await counter.pay(order);
    await counter.until(asha, order, 'CONFIRMED');
  });

  test('by a lender, who is asked for the money when it is delivered: for what was', { timeout: TIMEOUT }, async () => {
    const asha = await counter.customer();
    const order = await counter.order(asha, 'paylater', counter.skus);
    const ours = async () => (await counter.tills())['pay-later'].find(({ orderId }) => orderId === order.payment.id);
    await counter.payByScript(order);
    const bought = await counter.until(asha, order, 'CONFIRMED');
    expect(bought.payment).toMatchObject({ gateway: 'pay-later', status: 'authorised' });
    expect(await ours()).toMatchObject({ status: 'authorized', captured: 0 });

    const [kept, cancelled = ''] = counter.skus;
    const some = { reason: 'one is enough', items: [cancelled] };
    expect((await counter.ask(asha, 'POST', `/api/orders/${order.id}/cancel`, some)).status).toBe(200);
    await counter.fulfil(order, 'PROCESSING', 'SHIPPED', 'DELIVERED');
    const { view } = await counter.actors.order.read(order.id);
    const price = view.status === 'NONE' ? 0 : Number(view.lines.find(({ sku }) => sku === cancelled)?.unitPrice);
    const taken = order.totals.total - price;
    await expect.poll(ours, { timeout: 20_000 }).toMatchObject({ status: 'captured', captured: taken, refunded: 0 });
    await expect
      .poll(() => counter.payment(order.payment.id), { timeout: 20_000 })
      .toMatchObject({ status: 'captured', capture: { amount: taken } });

    // What comes back is refunded to where it came from.
    const back = await counter.ask(asha, 'POST', `/api/orders/${order.id}/returns`, { reason: 'x', items: [kept] });
    const received = { status: 'RETURNED', returnId: back.body.returnId };
    expect((await counter.ask(undefined, 'POST', `/api/orders/${order.id}/fulfilment`, received)).status).toBe(200);
    const returned = await counter.until(asha, order, 'RETURNED', ({ payment }) => payment.status === 'refunded');
    expect(returned.refunded).toBe(taken);
    expect(await ours()).toMatchObject({ captured: taken, refunded: taken });
  });

  test('by a lender, and cancelled before delivery: the promise is let go', { timeout: TIMEOUT }, async () => {
    const asha = await counter.customer();
    const order = await counter.order(asha, 'paylater');
    await counter.pay(order);
    await counter.until(asha, order, 'CONFIRMED');
    await counter.ask(asha, 'POST', `/api/orders/${order.id}/cancel`, { reason: 'changed my mind' });
    await counter.until(asha, order, 'CANCELLED', ({ payment }) => payment.status === 'not-collected');
    const ours = async () => (await counter.tills())['pay-later'].find(({ orderId }) => orderId === order.payment.id);
    await expect.poll(ours, { timeout: 20_000 }).toMatchObject({ status: 'voided', captured: 0 });
    await expect.poll(() => counter.payment(order.payment.id), { timeout: 20_000 }).toMatchObject({ status: 'voided' });
  });

  test('for cash, which is taken at the door', { timeout: TIMEOUT }, async () => {
    const asha = await counter.customer();
    const order = await counter.order(asha, 'cod');
    expect(order).toMatchObject({ status: 'CONFIRMED', payment: { gateway: 'cod', status: 'pending' } });
    await counter.fulfil(order, 'PROCESSING', 'SHIPPED', 'DELIVERED');
    await counter.until(asha, order, 'DELIVERED', ({ payment }) => payment.status === 'captured');
    await expect
      .poll(() => counter.payment(order.payment.id), { timeout: 20_000 })
      .toMatchObject({ status: 'captured', capture: { amount: order.totals.total } });
  });
});

test('nothing failed on the way', () => {
  expect(counter.failures()).toEqual([]);
});
