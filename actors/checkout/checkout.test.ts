import { describe, expect, test } from 'vitest';
import type { Pincode } from '../ids.ts';
import { OPENING, openShop, orderId, PRICE, paymentIdOf, RESERVATION_MS, SHIPPING, sku, USER } from './testing/shop.ts';

const A = orderId(1);
const B = orderId(2);

describe('checkout', () => {
  test('from placed to sold', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 5, cup: 3 });
    await shop.place(A, { kettle: 2, cup: 1 });
    await shop.settle();
    const waiting = await shop.order(A);
    expect(waiting.status).toBe('PAYMENT_PENDING');
    expect(waiting.payment).toMatchObject({ status: 'pending', paymentUrl: `https://pay.example/${paymentIdOf(A)}` });
    expect(await shop.sku('kettle')).toMatchObject({ available: 3, reserved: 2 });
    expect(await shop.cart()).toEqual([]);
    expect(shop.claims.get(A)).toBe(OPENING + RESERVATION_MS);

    await shop.pay(A);
    await shop.settle();
    const bought = await shop.order(A);
    expect(bought.status).toBe('CONFIRMED');
    expect(bought.timeline.map(({ status }) => status)).toEqual(['CREATED', 'PAYMENT_PENDING', 'CONFIRMED']);
    expect(await shop.sku('kettle')).toMatchObject({ available: 3, reserved: 0, sold: 2 });
    expect(await shop.sku('cup')).toMatchObject({ available: 2, reserved: 0, sold: 1 });
    expect(shop.claims.size).toBe(0);
  });

  test('a short line gives the others back and names itself', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 5, cup: 0 });
    await shop.place(A, { kettle: 2, cup: 1 });
    await shop.settle();
    const refused = await shop.order(A);
    expect(refused).toMatchObject({
      status: 'CANCELLED',
      cancelled: { reason: 'out-of-stock', short: [{ sku: 'cup', available: 0 }] },
    });
    expect(await shop.sku('kettle')).toMatchObject({ available: 5, reserved: 0 });
    expect(await shop.cart()).toHaveLength(2);
    expect(shop.claims.size).toBe(0);
    expect(shop.gateway.opened).toBe(0);
  });

  test('cash on delivery is confirmed at once and collected at the door', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 5 });
    await shop.place(A, { kettle: 1 }, 'cod');
    await shop.settle();
    expect(await shop.order(A)).toMatchObject({ status: 'CONFIRMED', payment: { status: 'pending' } });
    expect(await shop.sku('kettle')).toMatchObject({ reserved: 0, sold: 1 });
    const order = shop.actors.order(A);
    await order.startProcessing({});
    await order.ship({});
    await order.deliver({});
    await shop.settle();
    expect((await shop.order(A)).payment.status).toBe('captured');
    const { view } = await shop.actors.payment.read(paymentIdOf(A));
    expect(view).toMatchObject({ status: 'captured', capture: { amount: PRICE + SHIPPING } });
  });

  test('a gateway that is down offers its page late', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 5 });
    shop.gateway.down = true;
    await shop.place(A, { kettle: 1 });
    await shop.settle();
    const waiting = await shop.order(A);
    expect(waiting.status).toBe('PAYMENT_PENDING');
    expect(waiting.payment.paymentUrl).toBeUndefined();
    shop.gateway.down = false;
    await shop.passes(2_000);
    expect((await shop.order(A)).payment.paymentUrl).toBeDefined();
    const { view } = await shop.actors.payment.read(paymentIdOf(A));
    expect(view).toMatchObject({ gatewayOrderId: `order_${paymentIdOf(A)}` });
  });

  test('when every gateway refuses it waits for another try; its time ends it, and nothing is held', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 5 });
    shop.gateway.refuses = true;
    await shop.place(A, { kettle: 1 });
    await shop.settle();
    expect((await shop.actors.payment.read(paymentIdOf(A))).view).toMatchObject({
      tries: [{ gateway: 'razorpay', why: 'refused' }],
    });
    await shop.passes(RESERVATION_MS);
    const order = await shop.order(A);
    expect(order.timeline.map(({ status }) => status)).toEqual([
      'CREATED',
      'PAYMENT_PENDING',
      'PAYMENT_FAILED',
      'CANCELLED',
    ]);
    expect(await shop.sku('kettle')).toMatchObject({ available: 5, reserved: 0 });
    expect(shop.claims.size).toBe(0);
  });

  test('not paid in time: the stock is free again; paid after that: refunded', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 1 });
    await shop.place(A, { kettle: 1 });
    await shop.settle();
    await shop.passes(RESERVATION_MS);
    expect(await shop.order(A)).toMatchObject({ status: 'CANCELLED', cancelled: { reason: 'reservation-expired' } });
    expect(await shop.sku('kettle')).toMatchObject({ available: 1, reserved: 0 });
    await shop.pay(A);
    await shop.settle();
    expect(await shop.order(A)).toMatchObject({ status: 'CANCELLED', payment: { status: 'refunded' } });
    expect([...shop.refundsMade.values()]).toEqual([PRICE + SHIPPING]);
  });

  test('the timer and the payment race: whoever comes first decides, and nothing is kept twice', async () => {
    for (const first of ['payment', 'timer'] as const) {
      const shop = openShop();
      await shop.stock({ kettle: 1 });
      await shop.place(A, { kettle: 1 });
      await shop.settle();
      if (first === 'payment') {
        await shop.passes(RESERVATION_MS - 1);
        await shop.pay(A);
        await shop.actors.order(A).recordPayment({ paymentId: paymentIdOf(A) });
        await shop.passes(1);
      } else {
        shop.skip(RESERVATION_MS);
        await shop.pay(A);
        await shop.passes(0);
      }
      const { status } = await shop.order(A);
      const { sold, reserved, available } = await shop.sku('kettle');
      expect({ status, sold, reserved, available, refunds: shop.refundsMade.size }).toEqual(
        first === 'payment'
          ? { status: 'CONFIRMED', sold: 1, reserved: 0, available: 0, refunds: 0 }
          : { status: 'CANCELLED', sold: 0, reserved: 0, available: 1, refunds: 1 },
      );
    }
  });

  test('placed, and handled only when its time is over', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 1 });
    await shop.place(A, { kettle: 1 });
    await shop.passes(RESERVATION_MS + 1);
    expect(await shop.order(A)).toMatchObject({ status: 'CANCELLED', cancelled: { reason: 'reservation-expired' } });
    expect(await shop.sku('kettle')).toMatchObject({ available: 1, reserved: 0 });
  });

  test('a hold that lapsed under a confirmed order: served again, or cancelled and refunded', async () => {
    for (const left of [1, 0]) {
      const shop = openShop();
      await shop.stock({ kettle: 1, cup: 1 });
      await shop.place(A, { kettle: 1, cup: 1 });
      await shop.settle();
      await shop.pay(A);
      await shop.actors.order(A).recordPayment({ paymentId: paymentIdOf(A) });
      // The reactor was away for an hour, and somebody else asked for the kettle.
      shop.claims.clear();
      shop.skip(3_600_000);
      const asked = { quantity: 1, pincode: '560001' as Pincode, expiresAt: shop.at() + 1_000 };
      await shop.actors.sku(sku('kettle')).reserve({ orderId: B, ...asked });
      if (left === 1) await shop.actors.sku(sku('kettle')).release({ orderId: B });
      await shop.settle();
      const order = await shop.order(A);
      expect(await shop.sku('cup')).toMatchObject({ available: 1 - left, reserved: 0, sold: left });
      if (left === 1) expect(order.status).toBe('CONFIRMED');
      else {
        expect(order).toMatchObject({
          status: 'CANCELLED',
          cancelled: { reason: 'stock-lost' },
          payment: { status: 'refunded' },
        });
        expect(await shop.sku('kettle')).toMatchObject({ reserved: 1, sold: 0 });
      }
    }
  });

  test('some lines cancelled, then the rest: every paisa back once, every unit back once', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 5, cup: 5 });
    await shop.place(A, { kettle: 2, cup: 1 });
    await shop.settle();
    await shop.pay(A);
    await shop.settle();
    const order = shop.actors.order(A);
    const asked = { reason: 'changed my mind', by: 'customer' as const };
    await order.cancel({ cancellationId: 'c1', skus: [sku('cup')], ...asked });
    await shop.settle();
    expect(await shop.order(A)).toMatchObject({
      status: 'CONFIRMED',
      refunded: PRICE,
      payment: { status: 'captured' },
    });
    await order.cancel({ cancellationId: 'c2', ...asked });
    await shop.settle();
    expect(await shop.order(A)).toMatchObject({
      status: 'CANCELLED',
      refunded: 3 * PRICE + SHIPPING,
      payment: { status: 'refunded' },
    });
    for (const name of ['kettle', 'cup']) expect(await shop.sku(name)).toMatchObject({ available: 5, sold: 0 });
  });

  test("money that came twice goes back once, and is not the order's", async () => {
    const shop = openShop();
    await shop.stock({ kettle: 5 });
    await shop.place(A, { kettle: 1 });
    await shop.settle();
    await shop.pay(A);
    await shop.pay(A, 'another');
    await shop.pay(A, 'another');
    await shop.settle();
    expect([...shop.refundsMade.values()]).toEqual([PRICE + SHIPPING]);
    expect(await shop.order(A)).toMatchObject({ status: 'CONFIRMED', refunded: 0, payment: { status: 'captured' } });
  });

  test('a failed attempt leaves it for another, until its time is over; money that comes later goes back', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 1 });
    await shop.place(A, { kettle: 1 });
    await shop.settle();
    const failed = { gatewayPaymentId: 'gp_1', code: 'BAD_OTP', description: 'wrong code' };
    await shop.actors.payment(paymentIdOf(A)).recordFailure(failed);
    await shop.settle();
    expect(await shop.order(A)).toMatchObject({ status: 'PAYMENT_FAILED', payment: { status: 'failed' } });
    expect(await shop.sku('kettle')).toMatchObject({ available: 0, reserved: 1 });
    await shop.passes(RESERVATION_MS);
    expect(await shop.order(A)).toMatchObject({ status: 'CANCELLED', payment: { status: 'failed' } });
    expect(await shop.sku('kettle')).toMatchObject({ available: 1, reserved: 0 });
    await shop.pay(A);
    await shop.settle();
    expect(await shop.order(A)).toMatchObject({ refunded: PRICE + SHIPPING, payment: { status: 'refunded' } });
  });

  test('a gateway that is down is asked for the refund until it answers', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 1 });
    await shop.place(A, { kettle: 1 });
    await shop.settle();
    await shop.pay(A);
    await shop.settle();
    shop.gateway.down = true;
    await shop.actors.order(A).cancel({ cancellationId: 'c', reason: 'no', by: 'customer' });
    await shop.settle();
    expect((await shop.order(A)).payment.status).toBe('refund-pending');
    shop.gateway.down = false;
    await shop.passes(60_000);
    expect((await shop.order(A)).payment.status).toBe('refunded');
  });

  test('what was ordered leaves the cart, what was added meanwhile stays', async () => {
    const shop = openShop();
    await shop.stock({ kettle: 5 });
    await shop.place(A, { kettle: 2 });
    const offer = (await shop.cart())[0]?.offer;
    if (!offer) throw new Error('an empty cart');
    await shop.actors.cart(USER).addItem({ sku: sku('kettle'), quantity: 1, offer });
    await shop.settle();
    expect(await shop.cart()).toMatchObject([{ sku: 'kettle', quantity: 1 }]);
  });
});
