/** PostgreSQL is stopped: people buy on, and find their orders in the history when it is back. */
import { expect, test } from 'vitest';
import { grab, newTally } from '../bench/demo/sale.ts';
import { goodsOnSale } from '../bench/demo/stage.ts';
import { addToCart, register, type Shopper } from '../bench/shop/shopper.ts';
import { freePort } from '../brokers/launcher/servers/ports.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import { ACTOR_NODE, startSystem } from './system.ts';

const SHOPPERS = 8;

test('from add-to-cart to CONFIRMED, also at a gateway and on actors that have just started', {
  timeout: 60_000,
}, async () => {
  await using system = await startSystem({ postgres: 'own' });
  const { postgres } = system;
  await system.start([...ACTOR_NODE, 'projections', 'relay', 'simulator', 'gateway']);
  const shop = await system.enter();
  const [{ sku } = { sku: '' }] = await goodsOnSale(shop.api, 1);
  const people = await Promise.all(Array.from({ length: SHOPPERS }, (_, n) => register(shop, 'postgres', n)));
  const warm = newTally();
  await Promise.all(people.map((shopper) => buyOne(shop, shopper, warm)));
  expect(warm).toMatchObject({ errors: [], confirmed: SHOPPERS });

  await postgres?.stop();
  const running = newTally();
  await Promise.all(people.map((shopper) => buyOne(shop, shopper, running)));
  expect(running).toMatchObject({ errors: [], confirmed: SHOPPERS });

  const port = await freePort();
  await system.start([...ACTOR_NODE, 'gateway'], { port });
  const fresh = await system.enter(port);
  const cold = newTally();
  await Promise.all(people.map((shopper) => buyOne(fresh, shopper, cold)));
  expect(cold).toMatchObject({ errors: [], confirmed: SHOPPERS });
  expect([...shop.api.failures, ...fresh.api.failures]).toEqual([]);
  // What needs the database says that it is away, and soon.
  const [buyer] = people;
  const away = await shop.api.ask({ method: 'GET', path: '/api/orders', token: buyer?.token ?? '' });
  expect(away).toMatchObject({ status: 503, body: { status: 503 } });
  expect(away.ms).toBeLessThan(3_000);

  await postgres?.start();
  for (const shopper of people) {
    const bought = [...warm.told, ...running.told, ...cold.told].flatMap(({ orderId, userId }) =>
      userId === shopper.userId ? [orderId] : [],
    );
    expect(bought).toHaveLength(3);
    await eventually(
      async () => {
        const path = '/api/orders?limit=50';
        const { status, body } = await shop.api.ask({ method: 'GET', path, token: shopper.token });
        expect(status).toBe(200);
        const listed: { id: string; status: string }[] = body.data;
        const confirmed = listed.flatMap((order) => (order.status === 'CONFIRMED' ? [order.id] : []));
        expect(confirmed.toSorted()).toEqual(bought.toSorted());
        return true;
      },
      { withinMs: 15_000, what: 'the history is there' },
    );
  }

  async function buyOne(at: typeof shop, shopper: Shopper, tally: ReturnType<typeof newTally>): Promise<void> {
    await addToCart(at, shopper, sku, 1);
    await grab(at, shopper, tally);
  }
});
