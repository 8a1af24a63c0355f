/** A reservation ends with its time: the stock is free for the next buyer, and money that comes later goes back. */
import { expect, test } from 'vitest';
import type { OrderId, Sku } from '../actors/ids.ts';
import { grab, newTally } from '../bench/demo/sale.ts';
import { hotSku, untilOnSale } from '../bench/demo/stage.ts';
import { readLedgers } from '../bench/reckoning/ledgers.ts';
import { readTill } from '../bench/reckoning/till.ts';
import { addToCart, checkout, pay, register, untilStatus } from '../bench/shop/shopper.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import { ACTOR_NODE, startSystem } from './system.ts';

const UNITS = 5;
/** What the acceptance allows. */
const LATE_MS = 3_000;

test('not paid in time: free again, cancelled in time, and a late payment is refunded', {
  timeout: 60_000,
}, async () => {
  await using system = await startSystem({ reservationSeconds: 2 });
  await system.start([...ACTOR_NODE, 'relay', 'simulator', 'gateway']);
  const shop = await system.enter();
  const { actors, nc } = await system.join();
  const { sku } = await hotSku(shop.api, 'reservations', UNITS);
  const people = await Promise.all(
    Array.from({ length: 2 * UNITS }, (_, number) => register(shop, 'reservations', number)),
  );
  const [slow, next] = [people.slice(0, UNITS), people.slice(UNITS)];
  for (const shopper of people) await untilOnSale(() => addToCart(shop, shopper, sku, 1));

  // All of it is held, and nobody pays.
  const ends = await Promise.all(
    slow.map(async (shopper) => {
      const order = await checkout(shop, shopper, 'upi');
      if (order === 'out-of-stock') throw new Error('the first buyers got nothing');
      expect(order.status).toBe('PAYMENT_PENDING');
      expect(await untilStatus(shop, shopper, order.id, ['CANCELLED'], 10_000)).toBe('CANCELLED');
      return order;
    }),
  );
  const lateness: number[] = [];
  for (const { id } of ends) {
    const { view } = await actors.order.read(id as OrderId);
    if (view.status !== 'CANCELLED') throw new Error(`${id} is ${view.status}`);
    expect(view.cancelled?.reason).toBe('reservation-expired');
    const cancelledAt = view.timeline.find(({ status }) => status === 'CANCELLED')?.at ?? Number.NaN;
    lateness.push(cancelledAt - view.reservedUntil);
  }
  expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...lateness)).toBeLessThanOrEqual(LATE_MS);

  const stock = await eventually(async () => {
    const { view } = await actors.sku.read(sku as Sku);
    return view.reserved === 0 ? view : undefined;
  });
  expect(stock).toMatchObject({ available: UNITS, sold: 0 });

  // The money comes when the order has ended, and the units are the next buyers'.
  const tally = newTally();
  await Promise.all([
    ...ends.map(({ gatewayOrderId }) => pay(shop, gatewayOrderId ?? '', 'success')),
    ...next.map((shopper) => grab(shop, shopper, tally)),
  ]);
  expect(tally).toMatchObject({ errors: [], confirmed: UNITS, soldOut: 0 });
  await eventually(
    async () => {
      const { payments } = await readTill(system.env.simulatorUrl);
      for (const { id, total } of ends) {
        const { view } = await actors.order.read(id as OrderId);
        const paymentId = view.status === 'NONE' ? '' : view.payment.id;
        expect(payments.get(paymentId)).toMatchObject({ captured: total, refunded: total });
      }
      expect((await readLedgers(nc)).faults).toEqual([]);
      return true;
    },
    { withinMs: 10_000, what: 'late money is given back' },
  );
  for (const { id } of ends) {
    const { view } = await actors.order.read(id as OrderId);
    expect(view).toMatchObject({ status: 'CANCELLED', payment: { status: 'refunded' } });
  }
  expect((await actors.sku.read(sku as Sku)).view).toMatchObject({ available: 0, reserved: 0, sold: UNITS });
  expect(shop.api.failures).toEqual([]);
});
