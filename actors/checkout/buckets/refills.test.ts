import { expect, test } from 'vitest';
import { type OrderId, type Pincode, paise, type SaleId, type Sku, type WarehouseId } from '../../ids.ts';
import { bucketsOf } from '../../sku/buckets/bucket-id.ts';
import { memoryActors } from '../testing/memory-actors.ts';
import { Refills } from './refills.ts';
import { bringBack, setAside } from './set-aside.ts';
import { carry, survey } from './survey.ts';

const KETTLE = 'kettle' as Sku;
const SALE = 'sal_1' as SaleId;
const STOCK = { sku: KETTLE, saleId: SALE, count: 3 };
const [A, B, C] = bucketsOf(STOCK) as [Sku, Sku, Sku];
const pincode = '560048' as Pincode;

/** `between`: what happens before a step takes effect. */
async function sale(units: number, between: { step?: (name: string) => Promise<void> } = {}) {
  const actors = memoryActors({
    now: () => 0,
    recorded: () => {},
    commandWindow: 64,
    step: async (name, effect) => {
      await between.step?.(name);
      return effect();
    },
  });
  await actors.sku(KETTLE).setStock({ warehouseId: 'wh_1' as WarehouseId, pincode, onHand: units });
  const item = { sku: KETTLE, price: paise(1), units, limitPerCustomer: units, buckets: STOCK.count };
  return { actors, item, refills: new Refills(actors, () => 0) };
}

/** All of it into one bucket. */
async function gather(actors: Awaited<ReturnType<typeof sale>>['actors'], into: Sku): Promise<void> {
  for (const from of [A, B, C]) if (from !== into) await move(actors, from, into);
}

async function move(actors: Awaited<ReturnType<typeof sale>>['actors'], from: Sku, to: Sku): Promise<void> {
  const outcome = await actors.sku(from).send({ transfers: [{ to, quantity: 'all' }] });
  if (outcome.ok) for (const transfer of outcome.result.sent) await carry(actors, { ...transfer, from });
}

test('a dry bucket gets half of what the richest has', async () => {
  const { actors, item, refills } = await sale(9);
  await setAside(actors, SALE, item);
  await gather(actors, C);
  expect(await refills.refill(A, 1)).toEqual({ found: true });
  expect((await survey(actors, STOCK)).buckets.map(({ available }) => available)).toEqual([5, 0, 4]);
});

test('units in pieces are brought together for who wants several, and left where they are when there are too few', async () => {
  const { actors, item, refills } = await sale(3);
  await setAside(actors, SALE, item);
  expect(await refills.refill(A, 4)).toEqual({ found: false, available: 3 });
  expect((await survey(actors, STOCK)).buckets.map(({ available }) => available)).toEqual([1, 1, 1]);
  expect(await refills.refill(A, 3)).toEqual({ found: true });
});

test('a unit that goes from a bucket not yet looked at to one that was is not taken for sold', async () => {
  const between: { step?: (name: string) => Promise<void> } = {};
  const { actors, item, refills } = await sale(1, between);
  await setAside(actors, SALE, item);
  await gather(actors, C);
  let reads = 0;
  between.step = async (name) => {
    // The first survey has seen A and B, and not yet C.
    if (name === 'sku.read' && ++reads === 3) await move(actors, C, B);
  };
  expect(await refills.refill(A, 1)).toEqual({ found: true });
});

test('many who find it dry at the same time, on two nodes, move units once', async () => {
  const { actors, item, refills } = await sale(16);
  const nodes = [refills, new Refills(actors, () => 0)];
  await setAside(actors, SALE, item);
  await gather(actors, C);
  const before = (await survey(actors, STOCK)).moves;
  const found = await Promise.all(Array.from({ length: 50 }, (_, n) => nodes[n % 2]?.refill(A, 1)));
  for (const each of found) expect(each).toEqual({ found: true });
  expect((await survey(actors, STOCK)).moves - before).toBe(2);
});

test('nothing is set aside for a sale that is over, however late somebody comes to do it', async () => {
  const { actors, item } = await sale(9);
  expect(await bringBack(actors, SALE, item)).toBe(0);
  await setAside(actors, SALE, item);
  expect((await actors.sku.read(KETTLE)).view.available).toBe(9);
});

test('what is held stays when the sale ends, and is told', async () => {
  const { actors, item } = await sale(9);
  await setAside(actors, SALE, item);
  await actors.sku(A).reserve({ orderId: 'ord_1' as OrderId, quantity: 2, pincode, expiresAt: 1_000 });
  expect(await bringBack(actors, SALE, item)).toBe(2);
  expect((await actors.sku.read(KETTLE)).view.available).toBe(7);
});
