/**
 * Two nodes that both believe they own every actor, as after a cut in the network. Every command of every checkout goes to
 * the one or the other by chance, so that each writes behind the other's back: the log must refuse the second.
 */
import { expect, test } from 'vitest';
import type { Sku } from '../actors/ids.ts';
import type { ActorHost } from '../actors/runtime/host.ts';
import { readLedgers } from '../bench/reckoning/ledgers.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import { startCheckout } from '../brokers/roles/checkout.ts';
import { newId } from '../config/ids.ts';
import { buy, pay, stockUp, verdict } from './crowd.ts';
import { startSystem } from './system.ts';
import { ownerOf, twoOwners } from './testing/two-owners.ts';

const X = 'PHONE-X' as Sku;
const Y = 'CASE-Y' as Sku;
const BUYERS = 1_000;
const UNITS = 100;

test('1,000 buyers, 100 units, two owners: 100 are sold', { timeout: 60_000 }, async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(['cart', 'order', 'payment']);
  const caller = await system.join();
  const { owners, actors: of } = await twoOwners(system, ['sku']);
  const actors = { ...caller.actors, sku: of.sku };
  await startCheckout({ ...caller, actors });

  await stockUp(actors, X, UNITS);
  const crowd = await Promise.all(Array.from({ length: BUYERS }, () => buy(actors, [X])));
  expect(verdict(crowd)).toEqual({ confirmed: UNITS, refused: BUYERS - UNITS, unclear: [] });

  await eventually(
    async () => {
      const { skus: histories, faults } = await readLedgers(caller.nc);
      expect(faults).toEqual([]);
      const history = histories.get(X);
      expect(history?.state).toMatchObject({ received: UNITS, sold: UNITS, holds: {} });
      expect(history?.events.filter(({ type }) => type === 'StockReserved')).toHaveLength(UNITS);
      expect(history?.events.filter(({ type }) => type === 'StockCommitted')).toHaveLength(UNITS);
      return true;
    },
    { what: 'the books balance' },
  );
  // Both wrote, and were refused what the other had been first to write.
  for (const { host, appends } of owners) {
    await host.stop(1_000);
    expect(appends.made).toBeGreaterThan(0);
  }
  expect(owners.reduce((refused, { appends }) => refused + appends.refused, 0)).toBeGreaterThan(0);
});

test('all kinds on two owners: what was bought, paid, cancelled and given back adds up', {
  timeout: 90_000,
}, async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(['simulator']);
  const caller = await system.join();
  const { owners, actors } = await twoOwners(system, ['cart', 'sku', 'order', 'payment']);
  await startCheckout({ ...caller, actors });
  await stockUp(actors, X, UNITS);
  await stockUp(actors, Y, UNITS);

  const crowd = await Promise.all(
    Array.from({ length: 150 }, async (_, n) => {
      const bought = await buy(actors, n % 3 === 0 ? [X, Y] : [n % 2 === 0 ? X : Y], {
        method: n % 2 === 0 ? 'cod' : 'upi',
      });
      if (bought.view.status === 'PAYMENT_PENDING') await pay(actors, system.env.simulatorUrl, bought);
      if (n % 3 !== 1 && bought.view.status !== 'CANCELLED')
        await actors
          .order(bought.orderId)
          .cancel({ cancellationId: `cancel-${bought.orderId}`, reason: 'changed my mind', by: 'customer' });
      return bought;
    }),
  );
  const cancelled = new Set<string>(
    crowd.flatMap(({ orderId, view }, n) => (n % 3 !== 1 || view.status === 'CANCELLED' ? [orderId] : [])),
  );

  await eventually(
    async () => {
      const { skus, orders, payments, faults } = await readLedgers(caller.nc);
      expect(faults).toEqual([]);
      expect(orders.size).toBe(crowd.length);
      let units = 0;
      for (const [id, { state }] of orders) {
        expect(`${id} ${state.status}`).toBe(`${id} ${cancelled.has(id) ? 'CANCELLED' : 'CONFIRMED'}`);
        if (state.status === 'CONFIRMED') units += state.lines.length;
      }
      let sold = 0;
      for (const { state } of skus.values()) {
        expect(state.holds).toEqual({});
        sold += state.sold - state.restocked;
      }
      expect(sold).toBe(units);
      for (const { state } of payments.values())
        if (state.status !== 'none') expect(state.refunds.filter(({ status }) => status !== 'processed')).toEqual([]);
      return true;
    },
    { withinMs: 30_000, what: 'the books balance' },
  );
  for (const { host, appends } of owners) {
    await host.stop(1_000);
    expect(appends.made).toBeGreaterThan(0);
  }
  expect(owners.reduce((refused, { appends }) => refused + appends.refused, 0)).toBeGreaterThan(0);
});

test('who has not seen a hold does not take it for sold', async () => {
  await using system = await startSystem({ postgres: 'none' });
  const [one, other] = [(await ownerOf(system, ['sku'])).host, (await ownerOf(system, ['sku'])).host];
  const command = (host: ActorHost, type: string, input: object) =>
    host.command({ kind: 'sku', id: X, type, input, commandId: newId('ord'), deadline: Date.now() + 5_000 });
  const pincode = '110001';
  const orderId = newId('ord');
  await command(one, 'setStock', { warehouseId: 'wh_del', pincode, onHand: 1 });
  await other.read('sku', X, Date.now() + 5_000);
  const held = { orderId, quantity: 1, pincode, expiresAt: Date.now() + 60_000 };
  expect(await command(one, 'reserve', held)).toMatchObject({ ok: true });
  const sold = await command(other, 'commit', { orderId, quantity: 1, pincode });
  expect(sold).toMatchObject({ ok: true, result: { allocations: [{ warehouseId: 'wh_del', quantity: 1 }] } });
  await Promise.all([one.stop(1_000), other.stop(1_000)]);
});
