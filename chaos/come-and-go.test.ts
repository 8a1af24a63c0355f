/** Actor nodes join and leave while people shop: every request is answered, and how long the longest took is printed. */
import { expect, test } from 'vitest';
import { shop as goShopping, newTally } from '../bench/demo/sale.ts';
import { goodsOnSale } from '../bench/demo/stage.ts';
import { readLedgers } from '../bench/reckoning/ledgers.ts';
import { register } from '../bench/shop/shopper.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import { ACTOR_NODE, startSystem } from './system.ts';

const SHOPPERS = 24;
/** Orders placed before, during and after each change. */
const ORDERS = 60;
/** A pause that a customer would take for a fault. What is usual stands in the output. */
const TOO_LONG_MS = 3_000;

test('a node joins and a node leaves under load: no request fails', { timeout: 60_000 }, async () => {
  await using system = await startSystem();
  const first = await system.start(ACTOR_NODE);
  await system.start(['projections', 'relay', 'simulator', 'gateway']);
  const shop = await system.enter();
  const { placement, nc } = await system.join();
  const goods = await goodsOnSale(shop.api, 500);
  const people = await Promise.all(Array.from({ length: SHOPPERS }, (_, n) => register(shop, 'come-and-go', n)));

  const tally = newTally();
  let open = true;
  const shopping = Promise.all(
    people.map(async (shopper) => {
      while (open) await goShopping(shop, shopper, goods, 1, tally);
    }),
  );
  /** The longest request while `change` is made and until as many orders again have been placed. */
  const during = async (what: string, change: () => Promise<unknown>): Promise<void> => {
    shop.api.reset();
    await change();
    const enough = tally.placed + ORDERS;
    await eventually(() => tally.placed >= enough || tally.errors.length > 0, { withinMs: 20_000, what });
    const { failures, requests, slowest } = shop.api;
    process.stdout.write(`${what}: ${requests} requests, longest ${slowest.ms.toFixed(0)} ms (${slowest.what})\n`);
    expect(tally.errors).toEqual([]);
    expect(failures).toEqual([]);
    expect(slowest.ms).toBeLessThan(TOO_LONG_MS);
  };
  const owners = () => new Set(Array.from({ length: 64 }, (_, partition) => placement.ownerOf('order', partition)));

  try {
    await during('one node', async () => undefined);
    await during('a node joins', async () => {
      const second = await system.start(ACTOR_NODE);
      expect(owners()).toEqual(new Set([first.nodeId, second.nodeId]));
    });
    await during('a node leaves', async () => {
      await first.stop();
      expect(owners().has(first.nodeId)).toBe(false);
    });
  } finally {
    open = false;
    await shopping;
  }
  expect(tally.errors).toEqual([]);
  expect(shop.api.failures).toEqual([]);
  await eventually(
    async () => {
      const { faults, orders } = await readLedgers(nc);
      expect(faults).toEqual([]);
      for (const { orderId, saw } of tally.told) expect(orders.get(orderId)?.state.status).toBe(saw);
      return true;
    },
    { withinMs: 10_000, what: 'the books balance' },
  );
});
