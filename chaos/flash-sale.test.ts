/**
 * A flash sale from buckets: all of what was set aside can be sold and not a unit more, nobody gets more than their share,
 * what is left goes back to the unit; also when a node dies in the middle of it.
 */
import { fork } from 'node:child_process';
import { expect, test } from 'vitest';
import type { OrderId, Sku, UserId } from '../actors/ids.ts';
import { readLedgers } from '../bench/reckoning/ledgers.ts';
import { altogether } from '../bench/reckoning/transfers.ts';
import { announceDead } from '../brokers/launcher/disconnect.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import type { NodeParts } from '../brokers/roles/foundation.ts';
import { newId } from '../config/ids.ts';
import { type Bought, stockUp } from './crowd.ts';
import { ACTOR_NODE, startSystem, type TestSystem } from './system.ts';
import { buyInSale, declare, type TestSale } from './testing/sale.ts';

const PHONE = 'PHONE-X' as Sku;
const UNITS = 500;
const LIMIT = 2;

async function nodeToKill({ env }: TestSystem) {
  const child = fork(new URL('./testing/actor-node.ts', import.meta.url), [env.natsUrl ?? '', env.dataDir], {
    stdio: 'inherit',
  });
  const nodeId = await new Promise<string>((resolve, reject) => {
    child.once('message', (id) => resolve(String(id)));
    child.once('exit', (code) => reject(new Error(`the node ended with ${code}`)));
  });
  return {
    nodeId,
    async kill() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      await announceDead(env.natsUrl ?? '', nodeId);
    },
  };
}

const customers = (count: number): readonly UserId[] => Array.from({ length: count }, () => newId('usr'));
const statusOf = async ({ actors }: NodeParts, { id }: TestSale) => (await actors.sale.read(id)).view.status;

/** What each customer has, of the orders that were confirmed or wait for their payment. */
function had(crowd: readonly Bought[]): ReadonlyMap<UserId, number> {
  const units = new Map<UserId, number>();
  for (const { view } of crowd) {
    if (view.status === 'CANCELLED') continue;
    const quantity = view.lines.reduce((sum, line) => sum + line.quantity, 0);
    units.set(view.userId, (units.get(view.userId) ?? 0) + quantity);
  }
  return units;
}

test('2,000 orders for 500 units in 4 buckets, at most 2 a customer, and a node is killed: 500 are sold', {
  timeout: 120_000,
}, async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(ACTOR_NODE);
  const other = await nodeToKill(system);
  const caller = await system.join();
  const { actors, nc } = caller;
  await stockUp(actors, PHONE, UNITS + 100);
  const sale = await declare(actors, { sku: PHONE, units: UNITS, limitPerCustomer: LIMIT, buckets: 4 });
  expect(sale.view.status).toBe('open');
  expect((await actors.sku.read(PHONE)).view.available).toBe(100);

  // Each comes five times, for one unit or two: what they want is four times what there is.
  const people = customers(400);
  let done = 0;
  const crowd = Promise.all(
    Array.from({ length: 2_000 }, async (_, n) => {
      const bought = await buyInSale(actors, sale, people[n % people.length] as UserId, { quantity: 1 + (n % 2) });
      done++;
      return bought;
    }),
  );
  await eventually(() => done > 150, { withinMs: 60_000, what: 'the sale is under way' });
  await other.kill();
  const orders = await crowd;

  const theirs = had(orders);
  expect(Math.max(...theirs.values())).toBe(LIMIT);
  expect([...theirs.values()].reduce((sum, units) => sum + units, 0)).toBe(UNITS);
  await eventually(
    async () => {
      const { skus, faults } = await readLedgers(nc);
      expect(faults).toEqual([]);
      expect(altogether(skus, PHONE)).toEqual({
        received: UNITS + 100,
        sold: UNITS,
        reserved: 0,
        available: 100,
        onTheirWay: 0,
      });
      expect((await actors.sale.read(sale.id)).view).toMatchObject({ status: 'open', soldOut: [PHONE] });
      return true;
    },
    { withinMs: 30_000, what: 'the books balance' },
  );
  const refused = orders.filter(({ view }) => view.status === 'CANCELLED');
  for (const { view } of refused)
    expect(view.cancelled).toMatchObject({ reason: 'out-of-stock', short: [{ sku: PHONE }] });
});

test('what is not sold goes back, when what is held has been let go; what comes back later does too', {
  timeout: 60_000,
}, async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(ACTOR_NODE);
  await system.start(['simulator']);
  const caller = await system.join();
  const { actors, nc } = caller;
  await stockUp(actors, PHONE, 100);
  const sale = await declare(actors, { sku: PHONE, units: 60, limitPerCustomer: 1, buckets: 3 });
  const sold = await Promise.all(customers(20).map((customer) => buyInSale(actors, sale, customer)));
  const held = await Promise.all(
    customers(10).map((customer) => buyInSale(actors, sale, customer, { method: 'upi', reservationMs: 4_000 })),
  );
  expect([...sold, ...held].filter(({ view }) => view.status === 'CANCELLED')).toEqual([]);

  expect(await actors.sale(sale.id).end({})).toMatchObject({ ok: true });
  await eventually(async () => (await actors.sku.read(PHONE)).view.available === 70, { what: 'the rest is back' });
  expect(await statusOf(caller, sale)).toBe('ended');
  const late = await buyInSale(actors, sale, newId('usr'));
  expect(late.view).toMatchObject({ status: 'CANCELLED', cancelled: { reason: 'out-of-stock' } });
  await eventually(async () => (await statusOf(caller, sale)) === 'settled', { withinMs: 30_000, what: 'settled' });
  expect((await actors.sku.read(PHONE)).view).toMatchObject({ available: 80, reserved: 0 });

  const { orderId } = sold[0] as Bought;
  await cancel(caller, orderId);
  await eventually(async () => (await actors.sku.read(PHONE)).view.available === 81, {
    what: 'the cancelled one is back',
  });
  const { skus, faults } = await readLedgers(nc);
  expect(faults).toEqual([]);
  expect(altogether(skus, PHONE)).toEqual({ received: 100, sold: 19, reserved: 0, available: 81, onTheirWay: 0 });
});

test('sold out is told, and available again when one comes back, to who may have it', { timeout: 60_000 }, async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(ACTOR_NODE);
  const caller = await system.join();
  const { actors } = caller;
  await stockUp(actors, PHONE, 6);
  const sale = await declare(actors, { sku: PHONE, units: 6, limitPerCustomer: 2, buckets: 3 });
  const [asha, ravi, ...others] = customers(6) as [UserId, UserId, ...UserId[]];
  const first = await buyInSale(actors, sale, asha, { quantity: 2 });
  const again = await buyInSale(actors, sale, asha);
  expect(again.view.cancelled).toEqual({ reason: 'out-of-stock', short: [{ sku: PHONE, available: 0, limit: 2 }] });
  await Promise.all(others.map((customer) => buyInSale(actors, sale, customer)));
  const soldOut = async () => {
    const { view } = await actors.sale.read(sale.id);
    return view.status === 'open' && view.soldOut.includes(PHONE);
  };
  await eventually(soldOut, { what: 'sold out' });
  expect((await buyInSale(actors, sale, ravi)).view.cancelled?.short).toEqual([{ sku: PHONE, available: 0 }]);

  await cancel(caller, first.orderId);
  await eventually(async () => !(await soldOut()), { what: 'available again' });
  // Also to those who live at another bucket, and to her whose two have come back.
  expect((await buyInSale(actors, sale, ravi)).view.status).toBe('CONFIRMED');
  expect((await buyInSale(actors, sale, asha)).view.status).toBe('CONFIRMED');
});

test('more than there is cannot be set aside, and nothing is', async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(ACTOR_NODE);
  const { actors, nc } = await system.join();
  await stockUp(actors, PHONE, 9);
  const sale = await declare(actors, { sku: PHONE, units: 10, limitPerCustomer: 1, buckets: 2 });
  expect(sale.view).toMatchObject({ status: 'refused', short: [{ sku: PHONE, available: 9 }] });
  expect((await actors.sku.read(PHONE)).view.available).toBe(9);
  expect((await readLedgers(nc)).faults).toEqual([]);
});

const cancel = ({ actors }: NodeParts, orderId: OrderId) =>
  actors.order(orderId).cancel({ cancellationId: `cancel-${orderId}`, reason: 'changed my mind', by: 'customer' });
