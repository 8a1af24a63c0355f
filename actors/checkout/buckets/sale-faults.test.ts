/** A whole sale, with a crash between any two steps and deliveries twice at once: every unit is sold or back where it was. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type OrderId, type Pincode, paise, type SaleId, type UserId } from '../../ids.ts';
import { bucketsOf } from '../../sku/buckets/bucket-id.ts';
import { Crash, type Faults, openShop, orderId, paymentIdOf, RESERVATION_MS, sku } from '../testing/shop.ts';
import { homeOf } from './survey.ts';

const KETTLE = sku('kettle');
const SALE = 'sal_1' as SaleId;
const STOCK = { sku: KETTLE, saleId: SALE, count: 3 };
const UNITS = 7;
const ALL = 10;
const CUSTOMERS = 6;
const LIMIT = 2;

/** Each customer orders three times; some pay, some let it lapse, one changes their mind. */
async function wholeSale(faults: Faults) {
  const shop = openShop(faults);
  const { actors } = shop;
  await shop.stock({ kettle: ALL });
  const items = [{ sku: KETTLE, price: paise(1), units: UNITS, limitPerCustomer: LIMIT, buckets: STOCK.count }];
  await actors.sale(SALE).declare({ title: 'Kettles', items, startsAt: shop.at(), endsAt: shop.at() + 86_400_000 });
  /** Over everything that only waits for its time. */
  const rest = async (): Promise<void> => {
    for (let n = 0; n < 6; n++) await shop.passes(5_000);
  };
  await shop.settle();
  await rest();
  expect((await actors.sale.read(SALE)).view.status).toBe('open');
  expect((await shop.sku('kettle')).available).toBe(ALL - UNITS);

  const orders = Array.from({ length: CUSTOMERS * 3 }, (_, n) => ({
    id: orderId(n + 1),
    userId: `usr_${n % CUSTOMERS}` as UserId,
    method: n % 3 === 0 ? ('upi' as const) : ('cod' as const),
  }));
  for (const { id, userId, method } of orders)
    await shop.place(id, { kettle: 1 }, method, { userId, ledger: homeOf(STOCK, userId) });
  await shop.settle();
  await rest();
  const had = new Map<UserId, number>();
  for (const { id, userId } of orders)
    if ((await shop.order(id)).status !== 'CANCELLED') had.set(userId, (had.get(userId) ?? 0) + 1);
  expect([...had.values()].reduce((sum, units) => sum + units, 0)).toBe(UNITS);
  expect(Math.max(...had.values())).toBeLessThanOrEqual(LIMIT);
  expect((await actors.sale.read(SALE)).view).toMatchObject({ soldOut: [KETTLE] });

  const confirmed: OrderId[] = [];
  for (const { id } of orders) if ((await shop.order(id)).status === 'CONFIRMED') confirmed.push(id);
  const [regretted] = confirmed;
  if (regretted !== undefined)
    await actors.order(regretted).cancel({ cancellationId: 'c', reason: 'no', by: 'customer' });
  await shop.settle();
  await actors.sale(SALE).end({});
  await shop.settle();
  await shop.passes(RESERVATION_MS);
  await rest();

  expect((await actors.sale.read(SALE)).view.status).toBe('settled');
  let sold = 0;
  for (const { id } of orders) if ((await shop.order(id)).status === 'CONFIRMED') sold += 1;
  const buckets = await Promise.all(bucketsOf(STOCK).map(async (id) => (await actors.sku.read(id)).view));
  for (const { available, reserved, transfers } of buckets)
    expect({ available, reserved, outgoing: transfers?.outgoing }).toEqual({ available: 0, reserved: 0, outgoing: [] });
  expect(buckets.reduce((units, bucket) => units + bucket.sold, 0)).toBe(sold);
  expect(await shop.sku('kettle')).toMatchObject({ available: ALL - sold, reserved: 0, sold: 0 });
  return shop.steps();
}

test('told to be sold out while something is left, it is looked at again', async () => {
  const shop = openShop();
  await shop.stock({ kettle: ALL });
  const items = [{ sku: KETTLE, price: paise(1), units: UNITS, limitPerCustomer: LIMIT, buckets: STOCK.count }];
  const { sale } = shop.actors;
  await sale(SALE).declare({ title: 'Kettles', items, startsAt: shop.at(), endsAt: shop.at() + 86_400_000 });
  await shop.settle();
  await sale(SALE).recordSoldOut({ sku: KETTLE });
  expect((await sale.read(SALE)).view).toMatchObject({ soldOut: [KETTLE] });
  await shop.settle();
  expect((await sale.read(SALE)).view).toMatchObject({ soldOut: [] });
});

test('without faults', async () => {
  await wholeSale({});
});

test('with crashes and repeats anywhere', { timeout: 60_000 }, async () => {
  const steps = await wholeSale({});
  const faults = fc.record({
    crashes: fc.array(
      fc.record({ step: fc.nat(steps * 2), when: fc.constantFrom('before' as const, 'after' as const) }),
      { minLength: 1, maxLength: 12 },
    ),
    waits: fc.array(fc.nat(4), { minLength: 1, maxLength: 8 }),
    twice: fc.constantFrom('no' as const, 'together' as const, 'straggling' as const),
  });
  await fc.assert(
    fc.asyncProperty(faults, async (each) => {
      await wholeSale(each).catch((error: unknown) => {
        if (error instanceof Crash) throw new Error('a crash got out of its handler');
        throw error;
      });
    }),
    { numRuns: 60 },
  );
});

test('what is paid when its hold has lapsed is served from any bucket that has it', async () => {
  const shop = openShop();
  await shop.stock({ kettle: 6 });
  const stock = { sku: KETTLE, saleId: SALE, count: 2 };
  const items = [{ sku: KETTLE, price: paise(1), units: 6, limitPerCustomer: 1, buckets: 2 }];
  await shop.actors
    .sale(SALE)
    .declare({ title: 'Kettles', items, startsAt: shop.at(), endsAt: shop.at() + 86_400_000 });
  await shop.settle();
  const [home] = bucketsOf(stock);
  const neighbours = Array.from({ length: 40 }, (_, n) => `usr_${n}` as UserId).filter(
    (user) => homeOf(stock, user) === home,
  );
  const [asha, ...others] = neighbours as [UserId, ...UserId[]];
  const buyer = (userId: UserId) => ({ userId, ledger: homeOf(stock, userId) });
  await shop.place(orderId(1), { kettle: 1 }, 'upi', buyer(asha));
  await shop.settle();
  await shop.actors.order(orderId(1)).recordPayment({ paymentId: paymentIdOf(orderId(1)) });
  // Nobody sells it for a while, and its unit goes to neighbours, with all that is there.
  shop.skip(2 * RESERVATION_MS);
  for (const [n, customer] of others.slice(0, 3).entries()) {
    const order = { orderId: orderId(2 + n), quantity: 1, pincode: '560001' as Pincode, customer };
    const ledger = shop.actors.sku(homeOf(stock, customer));
    expect(await ledger.reserve({ ...order, expiresAt: shop.at() + RESERVATION_MS })).toMatchObject({ ok: true });
    expect(await ledger.commit(order)).toMatchObject({ ok: true });
  }
  await shop.settle();
  expect((await shop.order(orderId(1))).status).toBe('CONFIRMED');
  const buckets = await Promise.all(bucketsOf(stock).map(async (id) => (await shop.actors.sku.read(id)).view));
  expect(buckets.map(({ sold, available, reserved }) => [sold, available, reserved])).toEqual([
    [4, 1, 0],
    [0, 1, 0],
  ]);
});
