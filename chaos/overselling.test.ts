/** More buyers than units: exactly the units are sold, everybody else is told so, and nothing stays held. */
import { expect, test } from 'vitest';
import type { Sku } from '../actors/ids.ts';
import { grab, newTally, side } from '../bench/demo/sale.ts';
import { hotSku, untilOnSale } from '../bench/demo/stage.ts';
import { readLedgers } from '../bench/reckoning/ledgers.ts';
import { addToCart, register } from '../bench/shop/shopper.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import type { NodeParts } from '../brokers/roles/foundation.ts';
import { buy, stockUp, verdict } from './crowd.ts';
import { ACTOR_NODE, startSystem } from './system.ts';

const X = 'PHONE-X' as Sku;
const Y = 'CASE-Y' as Sku;
const Z = 'GLASS-Z' as Sku;
const BUYERS = 1_000;
const UNITS = 100;

/** When the crowd has gone: `sold` of `units` were, once each, none is held, and the streams agree with that. */
async function expectSold({ actors, nc }: NodeParts, sku: Sku, sold: number, units: number): Promise<void> {
  const stock = await eventually(
    async () => {
      const { view } = await actors.sku.read(sku);
      return view.reserved === 0 && view.sold >= sold ? view : undefined;
    },
    { what: `nothing of ${sku} is held` },
  );
  expect(stock).toMatchObject({ received: units, sold, reserved: 0, available: units - sold });
  const { skus, faults } = await readLedgers(nc);
  expect(faults).toEqual([]);
  expect(skus.get(sku)?.events.filter(({ type }) => type === 'StockCommitted')).toHaveLength(sold);
}

test('1,000 buyers, 100 units: 100 are sold', { timeout: 60_000 }, async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(ACTOR_NODE);
  const caller = await system.join();
  await stockUp(caller.actors, X, UNITS);
  const crowd = await Promise.all(Array.from({ length: BUYERS }, () => buy(caller.actors, [X])));
  expect(verdict(crowd)).toEqual({ confirmed: UNITS, refused: BUYERS - UNITS, unclear: [] });
  await expectSold(caller, X, UNITS, UNITS);
});

test('orders of two SKUs that cross each other: 100 of each are sold', { timeout: 60_000 }, async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(ACTOR_NODE);
  const caller = await system.join();
  await stockUp(caller.actors, X, UNITS);
  await stockUp(caller.actors, Y, UNITS);
  const crowd = await Promise.all(
    Array.from({ length: BUYERS }, (_, n) => buy(caller.actors, n % 2 === 0 ? [X, Y] : [Y, X])),
  );
  expect(verdict(crowd)).toEqual({ confirmed: UNITS, refused: BUYERS - UNITS, unclear: [] });
  await expectSold(caller, X, UNITS, UNITS);
  await expectSold(caller, Y, UNITS, UNITS);
});

test('of two SKUs the scarcer decides, and what was held of the other is given back', { timeout: 60_000 }, async () => {
  await using system = await startSystem({ postgres: 'none' });
  await system.start(ACTOR_NODE);
  const caller = await system.join();
  const few = 40;
  // Held first, and then not needed: checkouts hold in the order of the names.
  await stockUp(caller.actors, Y, UNITS);
  await stockUp(caller.actors, Z, few);
  const crowd = await Promise.all(
    Array.from({ length: 300 }, (_, n) => buy(caller.actors, n % 2 === 0 ? [Y, Z] : [Z, Y])),
  );
  expect(verdict(crowd)).toEqual({ confirmed: few, refused: 300 - few, unclear: [] });
  // At once: who was refused has given back before being told.
  expect((await caller.actors.sku.read(Y)).view.available).toBe(UNITS - few);
  await expectSold(caller, Y, few, UNITS);
  await expectSold(caller, Z, few, few);
});

test('over HTTP, paid at the gateway: who gets nothing is told which SKU is short', { timeout: 60_000 }, async () => {
  await using system = await startSystem();
  await system.start([...ACTOR_NODE, 'relay', 'simulator', 'gateway']);
  const shop = await system.enter();
  const { sku } = await hotSku(shop.api, 'overselling', 10);
  const [first, ...others] = await Promise.all(
    Array.from({ length: 60 }, (_, number) => register(shop, 'overselling', number)),
  );
  if (first === undefined) throw new Error('nobody came');
  await untilOnSale(() => addToCart(shop, first, sku, 1));
  await side(others, 20, async (shopper) => void (await addToCart(shop, shopper, sku, 1)));

  const refusals: unknown[] = [];
  shop.api.onAnswer = ({ status, body }) => {
    if (status === 409) refusals.push(body);
  };
  const tally = newTally();
  await Promise.all([first, ...others].map((shopper) => grab(shop, shopper, tally)));
  expect(tally).toMatchObject({ errors: [], placed: 10, confirmed: 10, soldOut: 50 });
  expect(refusals).toHaveLength(50);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({
      status: 409,
      code: 'out-of-stock',
      errors: [{ path: `items[${sku}]`, sku, requested: 1, available: 0 }],
    });
  }
  expect(shop.api.failures).toEqual([]);
  await expectSold(await system.join(), sku as Sku, 10, 10);
});
