import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../brokers/launcher/eventually.ts';
import { type Person, type TestGateway, testGateway, WEBHOOK_SECRET } from './testing/test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ settings: { checkoutTimeoutMs: 300 } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const checkout = (as: Person, addressId: string, key: string, method = 'upi') =>
  gateway.send({ method: 'POST', url: '/api/orders', as, key, payload: { addressId, payment: { method } } });

const pay = (payment: { id: string }, amount: number) => {
  const payload = JSON.stringify({ paymentId: payment.id, amount });
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(payload).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-razorpay-signature': signature };
  return gateway.send({ method: 'POST', url: '/api/payments/webhooks/razorpay', payload, headers });
};

const statusOf = async (as: Person, id: string): Promise<string> =>
  (await gateway.send({ url: `/api/orders/${id}`, as })).json().status;

describe('buying', () => {
  it('goes from the cart to a confirmed order', async () => {
    const asha = await gateway.person();
    const sku = await gateway.sell(5);
    const { addressId } = await gateway.buy(asha, sku, 2);
    const cart = await gateway.send({ url: '/api/cart', as: asha });
    expect(cart.json()).toMatchObject({
      items: [{ sku, quantity: 2, unitPrice: 19_900, lineTotal: 39_800 }],
      coupon: null,
      totals: { items: 39_800, discount: 0, shipping: 5_500, tax: 6_910, total: 45_300 },
      currency: 'INR',
    });

    const placed = await checkout(asha, addressId, 'k-buy');
    expect(placed.statusCode).toBe(201);
    const order = placed.json();
    expect(order).toMatchObject({ status: 'PAYMENT_PENDING', payment: { method: 'upi', gateway: 'razorpay' } });
    expect(order.payment.paymentUrl).toContain('/pay/');
    expect(placed.headers.location).toBe(`/api/orders/${order.id}`);
    expect(placed.headers.etag).toBe(`"v${order.version}"`);

    expect((await pay(order.payment, order.totals.total)).statusCode).toBe(200);
    await eventually(async () => (await statusOf(asha, order.id)) === 'CONFIRMED');
    await eventually(async () => (await gateway.send({ url: '/api/cart', as: asha })).json().items.length === 0);
  });

  it('answers a repeat with the first order, and concurrent duplicates make one', async () => {
    const asha = await gateway.person();
    const sku = await gateway.sell(5);
    const { addressId } = await gateway.buy(asha, sku);
    const answers = await Promise.all(Array.from({ length: 4 }, () => checkout(asha, addressId, 'k-dup')));
    const made = answers.filter(({ statusCode }) => statusCode === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(
      answers.filter(({ statusCode }) => statusCode !== 201).every((each) => each.json().code === 'request-running'),
    ).toBe(true);
    const again = await checkout(asha, addressId, 'k-dup');
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(new Set([...made, again].map((each) => each.json().id)).size).toBe(1);

    const other = await checkout(asha, addressId, 'k-dup', 'card');
    expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency-key-reused']);
  });

  it('names what is short, and holds nothing', async () => {
    const asha = await gateway.person();
    const plenty = await gateway.sell(9);
    const scarce = await gateway.sell(1);
    await gateway.buy(asha, plenty, 2);
    const { addressId } = await gateway.buy(asha, scarce, 3);
    const refused = await checkout(asha, addressId, 'k-short');
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      code: 'out-of-stock',
      errors: [{ path: `items[${scarce}]`, sku: scarce, requested: 3, available: 1 }],
    });
    const { view } = await gateway.live.actors.sku.read(plenty);
    expect(view).toMatchObject({ available: 9, reserved: 0 });
  });

  it('lets the same key finish an order that took too long, though the cart is empty by then', async () => {
    const asha = await gateway.person();
    const { addressId } = await gateway.buy(asha, await gateway.sell(5));
    gateway.live.hold(true);
    const late = await checkout(asha, addressId, 'k-late');
    expect([late.statusCode, late.json().code]).toEqual([503, 'checkout-in-progress']);
    expect(late.headers['retry-after']).toBeDefined();
    gateway.live.hold(false);
    await eventually(async () => (await gateway.send({ url: '/api/cart', as: asha })).json().items.length === 0);
    const placed = await checkout(asha, addressId, 'k-late');
    expect(placed.statusCode).toBe(201);
    expect(placed.json().id).toBe(late.json().orderId);
  });

  it('refuses an empty cart, an unknown address, an unserved method and an item taken off sale', async () => {
    const asha = await gateway.person();
    const sku = await gateway.sell(5);
    const addressId = await gateway.address(asha);
    expect((await checkout(asha, addressId, 'k-1')).json().code).toBe('cart-empty');
    await gateway.buy(asha, sku);
    expect((await checkout(asha, 'adr_0', 'k-2')).json().code).toBe('unknown-address');
    expect((await checkout(asha, addressId, 'k-3', 'wallet')).json().code).toBe('payment-method-unavailable');
    gateway.stopSelling(sku);
    expect((await checkout(asha, addressId, 'k-4')).json()).toMatchObject({
      code: 'item-unavailable',
      status: 409,
      errors: [{ path: `items[${sku}]` }],
    });
  });

  it('confirms cash on delivery at once, and follows it to a return', async () => {
    const asha = await gateway.person();
    const ops = await gateway.person('ops');
    const { addressId } = await gateway.buy(asha, await gateway.sell(5));
    const { id } = (await checkout(asha, addressId, 'k-cod', 'cod')).json();
    expect(await statusOf(asha, id)).toBe('CONFIRMED');
    const fulfil = (payload: object) =>
      gateway.send({ method: 'POST', url: `/api/orders/${id}/fulfilment`, payload, as: ops });
    await eventually(async () => (await fulfil({ status: 'PROCESSING' })).json().status === 'PROCESSING');
    expect((await fulfil({ status: 'SHIPPED', carrier: 'India Post' })).json().status).toBe('SHIPPED');
    const late = await gateway.send({
      method: 'POST',
      url: `/api/orders/${id}/cancel`,
      payload: { reason: 'changed my mind' },
      as: asha,
      key: 'k-cancel',
    });
    expect([late.statusCode, late.json().code]).toEqual([409, 'invalid-transition']);
    expect((await fulfil({ status: 'DELIVERED' })).json().status).toBe('DELIVERED');
    const asked = await gateway.send({
      method: 'POST',
      url: `/api/orders/${id}/returns`,
      payload: { reason: 'wrong colour' },
      as: asha,
      key: 'k-return',
    });
    expect(asked.json()).toMatchObject({ status: 'RETURN_REQUESTED' });
    expect((await fulfil({ status: 'RETURNED', returnId: asked.json().returnId })).json().status).toBe('RETURNED');
  });

  it('hides other people’s orders, and lets operations see them', async () => {
    const asha = await gateway.person();
    const ravi = await gateway.person();
    const ops = await gateway.person('ops');
    const { addressId } = await gateway.buy(asha, await gateway.sell(5));
    const { id } = (await checkout(asha, addressId, 'k-own')).json();
    expect((await gateway.send({ url: `/api/orders/${id}`, as: ravi })).statusCode).toBe(404);
    expect((await gateway.send({ url: `/api/orders/${id}/events`, as: ravi })).statusCode).toBe(404);
    const cancel = { method: 'POST', url: `/api/orders/${id}/cancel`, payload: { reason: 'x' }, key: 'k' } as const;
    expect((await gateway.send({ ...cancel, as: ravi })).statusCode).toBe(404);
    await gateway.buy(ravi, await gateway.sell(5));
    expect((await checkout(ravi, addressId, 'k-theirs')).json().code).toBe('unknown-address');
    expect((await gateway.send({ url: `/api/orders/${id}`, as: ops })).statusCode).toBe(200);
    const stranger = { method: 'POST', url: `/api/orders/${id}/fulfilment`, payload: { status: 'SHIPPED' } } as const;
    expect((await gateway.send({ ...stranger, as: asha })).statusCode).toBe(403);
  });

  it('refuses a webhook with a wrong signature, and asks for one again that came too early', async () => {
    const payload = JSON.stringify({ paymentId: 'pay_unknown', amount: 1 });
    const url = '/api/payments/webhooks/razorpay';
    const forged = { 'content-type': 'application/json', 'x-razorpay-signature': 'f'.repeat(64) };
    const refused = await gateway.send({ method: 'POST', url, payload, headers: forged });
    expect([refused.statusCode, refused.json().code]).toEqual([401, 'bad-signature']);
    const early = await pay({ id: 'pay_unknown' }, 1);
    expect([early.statusCode, early.json().code]).toEqual([503, 'unavailable']);
    const unknown = await gateway.send({ method: 'POST', url: '/api/payments/webhooks/none', payload: 'x' });
    expect(unknown.json().code).toBe('unknown-payment-gateway');
  });
});
