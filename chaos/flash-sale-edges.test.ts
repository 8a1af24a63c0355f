/** What a flash sale does at its edges, on real servers: the last units, holds that nobody gives back, limits. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homeOf } from '../actors/checkout/buckets/survey.ts';
import type { Pincode, Sku, UserId } from '../actors/ids.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import type { NodeParts } from '../brokers/roles/foundation.ts';
import { newId } from '../config/ids.ts';
import { stockUp } from './crowd.ts';
import { ACTOR_NODE, startSystem, type TestSystem } from './system.ts';
import { buyInSale, declare, type TestSale } from './testing/sale.ts';

const DELHI = '110001' as Pincode;
/** A checkout's answer is not waited for much longer; the machine may be slow, too. */
const SOON_MS = 3_000;
let system: TestSystem;
let actors: NodeParts['actors'];
beforeAll(async () => {
  system = await startSystem({ postgres: 'none' });
  await system.start(ACTOR_NODE);
  ({ actors } = await system.join());
}, 60_000);
afterAll(() => system[Symbol.asyncDispose]());

let skus = 0;
async function saleOf(units: number, buckets: number, limitPerCustomer: number): Promise<TestSale> {
  const sku = `EDGE-${++skus}` as Sku;
  await stockUp(actors, sku, units);
  return declare(actors, { sku, units, limitPerCustomer, buckets });
}
/** At home in this bucket. */
function customerOf({ id, sku, buckets }: TestSale, index: number): UserId {
  const home = `${sku}~${id}~${index}-${buckets}`;
  for (;;) {
    const user = newId('usr');
    if (homeOf({ sku, saleId: id, count: buckets }, user) === home) return user;
  }
}
/** As a run of the checkout leaves it that dies when it has it, of an order that has ended. */
async function strandedHold({ id, sku, buckets }: TestSale, customer: UserId, forMs: number): Promise<void> {
  const hold = { orderId: newId('ord'), quantity: 1, pincode: DELHI, expiresAt: Date.now() + forMs, customer };
  expect(await actors.sku(homeOf({ sku, saleId: id, count: buckets }, customer)).reserve(hold)).toMatchObject({
    ok: true,
  });
}

test.each([2, 4])(
  '%d units in as many buckets go to who wants two each, soon',
  async (units) => {
    for (let round = 0; round < 3; round++) {
      const sale = await saleOf(units, units, 2);
      const crowd = Array.from({ length: units * 3 }, (_, n) => customerOf(sale, n % units));
      const began = Date.now();
      const orders = await Promise.all(crowd.map((customer) => buyInSale(actors, sale, customer, { quantity: 2 })));
      expect(Date.now() - began).toBeLessThan(SOON_MS);
      expect(orders.filter(({ view }) => view.status === 'CONFIRMED')).toHaveLength(units / 2);
    }
  },
  120_000,
);

test('sold out with a hold that nobody gives back: told to be open again when it has lapsed', async () => {
  const sale = await saleOf(2, 2, 1);
  await strandedHold(sale, customerOf(sale, 0), 3_000);
  expect((await buyInSale(actors, sale, customerOf(sale, 1))).view.status).toBe('CONFIRMED');
  const soldOut = async () => {
    const { view } = await actors.sale.read(sale.id);
    return view.status === 'open' && view.soldOut.length === 1;
  };
  await eventually(soldOut);
  await eventually(async () => !(await soldOut()), { withinMs: 15_000, what: 'it is told' });
  expect((await buyInSale(actors, sale, customerOf(sale, 1))).view.status).toBe('CONFIRMED');
}, 60_000);

test('a hold that has lapsed is no longer counted against its customer', async () => {
  const sale = await saleOf(4, 1, 1);
  const asha = newId('usr');
  await strandedHold(sale, asha, 500);
  expect((await buyInSale(actors, sale, asha)).view).toMatchObject({ status: 'CANCELLED' });
  const lapsed = Date.now() + 1_500;
  await eventually(() => Date.now() > lapsed);
  expect((await buyInSale(actors, sale, asha)).view).toMatchObject({ status: 'CONFIRMED' });
}, 60_000);

test('of two sales that want the same SKU at once, one is refused and gives its units back', async () => {
  for (let round = 0; round < 5; round++) {
    const sku = `EDGE-${++skus}` as Sku;
    await stockUp(actors, sku, 10);
    const wanted = { sku, units: 4, limitPerCustomer: 1, buckets: 2 };
    const sales = await Promise.all([declare(actors, wanted), declare(actors, wanted)]);
    const refused = sales.filter(({ view }) => view.status === 'refused');
    const open = sales.filter(({ view }) => view.status === 'open');
    expect([open.length, refused.length]).toEqual([1, 1]);
    expect(refused[0]?.view).toMatchObject({ short: [{ sku, inSale: open[0]?.id }] });
    await eventually(async () => (await actors.sku.read(sku)).view.available === 6, { what: 'its units are back' });
  }
}, 60_000);
