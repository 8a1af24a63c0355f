/** A sale over HTTP, with two gateways: what one sells out the other knows, and so does one that starts in the middle. */
import { expect, test } from 'vitest';
import type { Sku } from '../actors/ids.ts';
import { grab, newTally, side } from '../bench/demo/sale.ts';
import { hotSku, signIn, untilOnSale } from '../bench/demo/stage.ts';
import { readLedgers } from '../bench/reckoning/ledgers.ts';
import { altogether } from '../bench/reckoning/transfers.ts';
import { addToCart, register } from '../bench/shop/shopper.ts';
import { freePort } from '../brokers/launcher/servers/ports.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import { ACTOR_NODE, startSystem } from './system.ts';

const UNITS = 20;

test('sold out at one gateway is known at the other, and at one that starts then', { timeout: 90_000 }, async () => {
  await using system = await startSystem();
  await system.start([...ACTOR_NODE, 'relay', 'simulator', 'gateway']);
  const otherPort = await freePort();
  await system.start(['gateway'], { port: otherPort });
  const shop = await system.enter();
  const other = await system.enter(otherPort);
  const { sku } = await hotSku(shop.api, 'flash', UNITS + 5);
  const ops = await signIn(shop.api, 'ops');
  const people = await Promise.all(Array.from({ length: 60 }, (_, n) => register(shop, 'flash', n)));
  const [first] = people;
  if (first === undefined) throw new Error('nobody came');
  await untilOnSale(() => addToCart(shop, first, sku, 1));

  const body = {
    title: 'Ten at ten',
    endsAt: new Date(Date.now() + 600_000).toISOString(),
    items: [{ sku, price: 499_900, units: UNITS, limitPerCustomer: 1, buckets: 4 }],
  };
  const made = await shop.api.patiently({ method: 'POST', path: '/api/sales', token: ops, body }, 10_000);
  expect(made).toMatchObject({ status: 201, body: { status: 'open', items: [{ sku, left: UNITS }] } });
  const path = `/api/sales/${made.body.id}`;
  const seenAt = async ({ api }: typeof shop) => (await api.patiently({ method: 'GET', path }, 10_000)).body;
  await eventually(async () => (await seenAt(other)).status === 'open', {
    what: 'the other gateway knows of the sale',
  });

  // Half of them at each gateway.
  const gateways = [shop, other] as const;
  await side(people.slice(1), 20, async (shopper) => void (await addToCart(shop, shopper, sku, 1)));
  const tally = newTally();
  await Promise.all(people.map((shopper, n) => grab(gateways[n % 2] ?? shop, shopper, tally)));
  expect(tally).toMatchObject({ errors: [], placed: UNITS, confirmed: UNITS, soldOut: people.length - UNITS });
  for (const gateway of gateways)
    await eventually(async () => (await seenAt(gateway)).status === 'sold-out', { what: 'it is sold out everywhere' });
  const latePort = await freePort();
  await system.start(['gateway'], { port: latePort });
  expect(await seenAt(await system.enter(latePort))).toMatchObject({ status: 'sold-out', items: [{ soldOut: true }] });

  const end = await other.api.patiently({ method: 'POST', path: `${path}/end`, token: ops, body: {} }, 10_000);
  expect(end).toMatchObject({ status: 200, body: { status: 'ended' } });
  const { actors, nc } = await system.join();
  await eventually(async () => (await actors.sale.read(made.body.id)).view.status === 'settled', { withinMs: 20_000 });
  const { skus, faults } = await readLedgers(nc);
  expect(faults).toEqual([]);
  expect(altogether(skus, sku as Sku)).toEqual({ received: 25, sold: 20, reserved: 0, available: 5, onTheirWay: 0 });
  for (const { api } of gateways) expect(api.failures).toEqual([]);
});
