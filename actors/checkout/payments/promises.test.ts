/** Bought on a lender's promise: whatever crashes and however often events come, the money is taken once, or let go. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paise, type ReturnId } from '../../ids.ts';
import { GatewayError, type PaymentGateway } from '../ports.ts';
import { type Faults, openShop, orderId, PRICE, paymentIdOf, SHIPPING, type Shop, sku } from '../testing/shop.ts';

const A = orderId(1);
const TOTAL = paise(2 * PRICE + SHIPPING);
const TXN = 'txn_1';

/** Knows what it has promised, and does each thing once, as the real one does. */
function memoryLender() {
  const books = { captured: 0, voided: false, refunded: new Map<string, number>(), down: false };
  const answering = <T>(answer: () => T): Promise<T> =>
    books.down ? Promise.reject(new GatewayError('timeout', 'no answer')) : Promise.resolve().then(answer);
  const gateway: PaymentGateway = {
    name: 'pay-later',
    methods: ['paylater'],
    settles: 'on-capture',
    open: async () => ({ gatewayOrderId: TXN, paymentUrl: 'https://lender.example/' }),
    capture: ({ amount }) =>
      answering(() => {
        if (books.voided || (books.captured > 0 && books.captured !== amount)) throw new GatewayError('refused', 'no');
        books.captured = amount;
      }),
    void: () =>
      answering(() => {
        if (books.captured > 0) throw new GatewayError('refused', 'captured');
        books.voided = true;
      }),
    refund: ({ refundId, amount }) =>
      answering(() => {
        books.refunded.set(refundId, amount);
        return { gatewayRefundId: `rf_${refundId}`, status: 'processed' as const };
      }),
    status: ({ paymentId }) =>
      answering(() =>
        books.captured > 0
          ? [{ type: 'captured', paymentId, gatewayPaymentId: TXN, amount: paise(books.captured), gatewayAt: 0 }]
          : [],
      ),
    readWebhook: async () => undefined,
  };
  return { books, gateway };
}

const promise = (shop: Shop) =>
  shop.actors
    .payment(paymentIdOf(A))
    .recordAuthorisation({ gatewayPaymentId: TXN, amount: TOTAL, gatewayAt: shop.at(), expiresAt: shop.at() + 1 });
const cancel = (shop: Shop, skus?: readonly string[]) =>
  shop.actors
    .order(A)
    .cancel({ cancellationId: 'c', reason: 'no', by: 'customer', ...(skus ? { skus: skus.map(sku) } : {}) });
async function deliver(shop: Shop): Promise<void> {
  await shop.actors.order(A).startProcessing({});
  await shop.actors.order(A).ship({});
  await shop.actors.order(A).deliver({});
}

async function bought(faults: Faults = {}) {
  const { books, gateway } = memoryLender();
  const shop = openShop({ ...faults, gateways: [gateway] });
  await shop.stock({ kettle: 1, cup: 1 });
  await shop.place(A, { kettle: 1, cup: 1 }, 'paylater');
  await shop.settle();
  await promise(shop);
  await shop.settle();
  return { shop, books };
}

const faults: fc.Arbitrary<Faults> = fc.record({
  crashes: fc.array(fc.record({ step: fc.nat(80), when: fc.constantFrom('before', 'after') }), { maxLength: 4 }),
  waits: fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }),
  twice: fc.constantFrom('no', 'together'),
  commandWindow: fc.constantFrom(0, 64),
});

describe('an order bought on a promise', () => {
  test('is confirmed, and nothing is taken yet', async () => {
    const { shop, books } = await bought();
    expect(await shop.order(A)).toMatchObject({ status: 'CONFIRMED', payment: { status: 'authorised' } });
    expect(books).toMatchObject({ captured: 0, voided: false });
    expect(await shop.sku('kettle')).toMatchObject({ sold: 1, reserved: 0 });
  });

  test('is charged for what was delivered, once', async () => {
    await fc.assert(
      fc.asyncProperty(faults, fc.boolean(), async (given, some) => {
        const { shop, books } = await bought(given);
        if (some) await cancel(shop, ['cup']);
        await deliver(shop);
        await shop.settle();
        const taken = some ? TOTAL - PRICE : TOTAL;
        expect(books).toMatchObject({ captured: taken, voided: false });
        expect((await shop.actors.payment.read(paymentIdOf(A))).view).toMatchObject({ capture: { amount: taken } });
        expect(books.refunded.size).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('and cancelled lets the promise go', async () => {
    await fc.assert(
      fc.asyncProperty(faults, async (given) => {
        const { shop, books } = await bought(given);
        await cancel(shop);
        await shop.settle();
        expect(books).toMatchObject({ captured: 0, voided: true });
        expect((await shop.actors.payment.read(paymentIdOf(A))).view.status).toBe('voided');
        expect(await shop.order(A)).toMatchObject({ payment: { status: 'not-collected' } });
        expect(await shop.sku('kettle')).toMatchObject({ available: 1 });
      }),
      { numRuns: 150 },
    );
  });

  test('waits for a lender who is away, and refunds what comes back only when it was taken', async () => {
    const { shop, books } = await bought();
    books.down = true;
    await deliver(shop);
    await shop.actors.order(A).requestReturn({ returnId: 'ret_1' as ReturnId, reason: 'x' });
    await shop.actors.order(A).receiveReturn({ returnId: 'ret_1' as ReturnId });
    await shop.settle();
    expect(books.captured).toBe(0);
    books.down = false;
    await shop.passes(60_000);
    await shop.passes(60_000);
    expect(books.captured).toBe(TOTAL);
    expect([...books.refunded.values()]).toEqual([TOTAL]);
    expect(await shop.order(A)).toMatchObject({ status: 'RETURNED', payment: { status: 'refunded' } });
  });

  test('that the lender took early: what is cancelled is refunded', async () => {
    const { shop, books } = await bought();
    books.captured = TOTAL;
    const money = { gatewayPaymentId: TXN, amount: TOTAL, gatewayAt: shop.at() };
    await shop.actors.payment(paymentIdOf(A)).recordCapture(money);
    await shop.settle();
    expect((await shop.order(A)).status).toBe('CONFIRMED');
    await cancel(shop, ['cup']);
    await deliver(shop);
    await shop.settle();
    expect([...books.refunded.values()]).toEqual([PRICE]);
  });

  test('that the lender takes back is not delivered', async () => {
    const { shop } = await bought();
    await shop.actors.payment(paymentIdOf(A)).recordVoid({ gatewayPaymentId: TXN });
    await shop.settle();
    expect(await shop.order(A)).toMatchObject({ status: 'CANCELLED', cancelled: { reason: 'ops' } });
    expect(await shop.sku('kettle')).toMatchObject({ available: 1, reserved: 0 });
  });
});

test('a promise for an order that has ended is let go', async () => {
  const { books, gateway } = memoryLender();
  const shop = openShop({ gateways: [gateway] });
  await shop.stock({ kettle: 1, cup: 1 });
  await shop.place(A, { kettle: 1, cup: 1 }, 'paylater');
  await shop.settle();
  await cancel(shop);
  await shop.settle();
  await promise(shop);
  await shop.settle();
  expect(books).toMatchObject({ captured: 0, voided: true });
});

test('a promise that was let go too late, and taken: the money goes back', async () => {
  const { shop, books } = await bought();
  // The lender has taken it, and its notice is on its way, when the order is cancelled.
  books.captured = TOTAL;
  await cancel(shop);
  await shop.settle();
  expect(books.voided).toBe(false);
  expect([...books.refunded.values()]).toEqual([TOTAL]);
  expect((await shop.actors.payment.read(paymentIdOf(A))).view).toMatchObject({ status: 'captured' });
});
