/** Payments that nobody tells of: when they are asked about, and what follows, also after the order's end. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PaymentId, paise } from '../../ids.ts';
import { GatewayError, type GatewayNotice, type PaymentGateway } from '../ports.ts';
import { MemoryParty } from '../testing/memory-party.ts';
import { openShop, orderId, PRICE, paymentIdOf, RESERVATION_MS, SHIPPING } from '../testing/shop.ts';
import { nextWake } from './look.ts';

const A = orderId(1);
const TOTAL = paise(PRICE + SHIPPING);
const MINUTE = 60_000;

/** Razorpay whose webhooks are lost: it knows what was paid, and says so when it is asked. */
function silentRazorpay() {
  const party = { down: false, asked: 0, refunds: 0, slow: false };
  const known = new Map<PaymentId, GatewayNotice[]>();
  const gateway: PaymentGateway = {
    name: 'razorpay',
    methods: ['upi'],
    settles: 'prepaid',
    open: async ({ paymentId }) => ({ gatewayOrderId: `order_${paymentId}`, paymentUrl: 'https://pay.example/' }),
    refund: async ({ refundId }) => {
      party.refunds += 1;
      const gatewayRefundId = `rf_${refundId}`;
      if (!party.slow) return { gatewayRefundId, status: 'processed' };
      for (const [paymentId, notices] of known)
        known.set(paymentId, [...notices, { type: 'refunded', paymentId, refundId, gatewayRefundId }]);
      return { gatewayRefundId, status: 'requested' };
    },
    readWebhook: async () => undefined,
    status: async ({ paymentId }) => {
      party.asked += 1;
      if (party.down) throw new GatewayError('timeout', 'no answer');
      return known.get(paymentId) ?? [];
    },
  };
  const paid = (paymentId: PaymentId, n = 1, gatewayAt = 0): void => {
    const notice = { type: 'captured' as const, paymentId, gatewayPaymentId: `gp_${n}`, amount: TOTAL, gatewayAt };
    known.set(paymentId, [...(known.get(paymentId) ?? []), notice]);
  };
  return { gateway, party, paid };
}

async function opened() {
  const razorpay = silentRazorpay();
  const shop = openShop({ gateways: [razorpay.gateway] });
  await shop.stock({ kettle: 1 });
  await shop.place(A, { kettle: 1 });
  await shop.settle();
  return { shop, ...razorpay };
}

describe('a payment of which no webhook comes', () => {
  test('is asked for while the stock is held, and pays the order', async () => {
    const { shop, paid, party } = await opened();
    paid(paymentIdOf(A));
    await shop.passes(RESERVATION_MS / 2);
    expect(await shop.order(A)).toMatchObject({ status: 'CONFIRMED', payment: { status: 'captured' } });
    expect(party.asked).toBe(1);
    expect(shop.claims.size).toBe(0);
  });

  test('is asked for again if nothing is known yet, or the gateway is down; the order ends in time all the same', async () => {
    const { shop, party } = await opened();
    const { reservedUntil } = await shop.order(A);
    for (let wakes = 0; shop.at() < reservedUntil && wakes < 20; wakes += 1) {
      party.down = wakes === 1;
      const [next = 0] = shop.claims.values();
      expect(next).toBeLessThanOrEqual(reservedUntil);
      await shop.passes(next - shop.at());
    }
    expect(party.asked).toBe(3);
    expect(await shop.order(A)).toMatchObject({ status: 'CANCELLED', cancelled: { reason: 'reservation-expired' } });
    expect(await shop.sku('kettle')).toMatchObject({ available: 1, reserved: 0 });
  });

  test('and that came too late is found after the end, and goes back once', async () => {
    const { shop, paid, party } = await opened();
    while ((await shop.order(A)).status !== 'CANCELLED') await shop.passes(RESERVATION_MS / 8);
    paid(paymentIdOf(A));
    party.down = true;
    await shop.passes(11 * MINUTE);
    expect(party.refunds).toBe(0);
    party.down = false;
    await shop.passes(20 * MINUTE);
    await shop.passes(60 * MINUTE);
    expect(await shop.order(A)).toMatchObject({
      status: 'CANCELLED',
      refunded: TOTAL,
      payment: { status: 'refunded' },
    });
    expect(party.refunds).toBe(1);
    expect(shop.claims.size).toBe(0);
  });

  test('of a gateway that stays away is given up after a day, not asked for ever', async () => {
    const { shop, party } = await opened();
    await shop.actors.order(A).cancel({ cancellationId: 'c', reason: 'no', by: 'customer' });
    await shop.settle();
    party.down = true;
    let looks = 0;
    for (; shop.claims.size > 0 && looks < 100; looks += 1) await shop.passes(25 * MINUTE);
    expect(party.asked).toBeGreaterThan(3);
    expect(party.asked).toBeLessThan(20);
    expect(looks).toBeLessThan(100);
  });

  test('nor of its refund: that it was made is found out too', async () => {
    const { shop, paid, party } = await opened();
    paid(paymentIdOf(A));
    await shop.passes(RESERVATION_MS / 2);
    party.slow = true;
    await shop.passes(48 * 60 * MINUTE);
    await shop.actors.order(A).cancel({ cancellationId: 'c', reason: 'no', by: 'customer' });
    await shop.settle();
    expect((await shop.order(A)).payment.status).toBe('refund-pending');
    await shop.passes(12 * MINUTE);
    expect(await shop.order(A)).toMatchObject({ refunded: TOTAL, payment: { status: 'refunded' } });
    expect(party).toMatchObject({ refunds: 1, asked: 2 });
    expect(shop.claims.size).toBe(0);
  });

  test('is looked for when another try has paid', async () => {
    const { shop, paid, party } = await opened();
    const second = { id: 'pay_2' as PaymentId, method: 'upi' as const, gateway: 'razorpay' };
    await shop.actors.order(A).retryPayment({ payment: second });
    await shop.settle();
    await shop.actors
      .payment(second.id)
      .recordCapture({ gatewayPaymentId: 'gp_2', amount: TOTAL, gatewayAt: shop.at() });
    await shop.settle();
    expect(await shop.order(A)).toMatchObject({ status: 'CONFIRMED', payment: { id: second.id } });
    paid(paymentIdOf(A));
    await shop.passes(12 * MINUTE);
    expect(party.refunds).toBe(1);
    expect(await shop.order(A)).toMatchObject({ status: 'CONFIRMED', refunded: 0, payment: { status: 'captured' } });
  });
});

test('every wake is later than now and none is after the end; where nobody can be asked there is only the end', () => {
  const { gateway } = silentRazorpay();
  const instants = fc.record({
    whole: fc.integer({ min: 1_000, max: 86_400_000 }),
    part: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  fc.assert(
    fc.property(instants, fc.nat(), ({ whole, part }, n) => {
      const of = { gateway: 'razorpay', placedAt: 1_000, reservedUntil: 1_000 + whole };
      const now = 1_000 + Math.floor(whole * part);
      const at = nextWake({ gateways: [gateway] }, orderId(n), of, now);
      expect(at).toBeGreaterThan(now);
      expect(at).toBeLessThanOrEqual(of.reservedUntil);
      expect(nextWake({ gateways: [] }, orderId(n), of, now)).toBe(of.reservedUntil);
      // Bounded: few looks, whenever they are late.
      let looks = 0;
      for (let then = now; then < of.reservedUntil; looks += 1)
        then = nextWake({ gateways: [gateway] }, orderId(n), of, then);
      expect(looks).toBeLessThanOrEqual(4);
    }),
  );
});

test('the gateway that takes a payment after another was down is told to the order and the payment', async () => {
  const payu = new MemoryParty('payu', ['netbanking'], 'prepaid');
  const razorpay = new MemoryParty('razorpay', ['netbanking'], 'prepaid');
  const shop = openShop({ gateways: [payu.gateway, razorpay.gateway] });
  await shop.stock({ kettle: 20 });
  payu.down = true;
  // Dear enough for PayU, which takes its charge by the payment, to be asked first.
  await shop.place(A, { kettle: 20 }, 'netbanking', undefined, 'payu');
  await shop.settle();
  expect(await shop.order(A)).toMatchObject({ payment: { gateway: 'razorpay', gatewayOrderId: expect.any(String) } });
  expect((await shop.actors.payment.read(paymentIdOf(A))).view).toMatchObject({
    gateway: 'razorpay',
    tries: [{ gateway: 'payu', why: 'timeout' }],
  });
});
