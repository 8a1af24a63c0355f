/** A coupon with 100 uses, entered by 300 who order in the same moment at two gateways: it is used 100 times. */
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { PromotionId } from '../actors/ids.ts';
import { side } from '../bench/demo/sale.ts';
import { hotSku, signIn, untilOnSale } from '../bench/demo/stage.ts';
import { addToCart, register, type Shopper } from '../bench/shop/shopper.ts';
import { freePort } from '../brokers/launcher/servers/ports.ts';
import { eventually } from '../brokers/launcher/test-servers.ts';
import { ACTOR_NODE, startSystem } from './system.ts';

const USES = 100;
const CUSTOMERS = 300;
const CANCELLED = 7;
const CODE = 'HUNDRED';
const OFF = 500_00;
const PATIENCE_MS = 60_000;

test('a coupon with 100 uses is used 100 times by 300 at once', { timeout: 240_000 }, async () => {
  await using system = await startSystem();
  await system.start([...ACTOR_NODE, 'relay', 'simulator', 'gateway']);
  const otherPort = await freePort();
  await system.start(['gateway'], { port: otherPort });
  const [shop, other] = [await system.enter(), await system.enter(otherPort)];
  const gateways = [shop, other] as const;
  const { sku } = await hotSku(shop.api, 'coupon', 2 * CUSTOMERS);
  const ops = await signIn(shop.api, 'ops');
  const body = {
    title: 'For the first hundred',
    code: CODE,
    benefit: { type: 'flat', amount: OFF },
    endsAt: new Date(Date.now() + 600_000).toISOString(),
    limits: { uses: USES, perCustomer: 1 },
  };
  const made = await shop.api.patiently({ method: 'POST', path: '/api/promotions', token: ops, body }, PATIENCE_MS);
  expect(made.status).toBe(201);

  const people: Shopper[] = [];
  await side(
    Array.from({ length: CUSTOMERS }, (_, n) => n),
    16,
    async (n) => void people.push(await register(shop, 'coupon', n)),
  );
  const asked = (n: number, who: Shopper, method: string, path: string, body?: object) => {
    const headers = { 'x-forwarded-for': who.forwardedFor, 'idempotency-key': randomUUID() };
    const request = { method, path, token: who.token, headers, ...(body === undefined ? {} : { body }) };
    return (gateways[n % 2] ?? shop).api.patiently(request, PATIENCE_MS);
  };
  const enter = (n: number, who: Shopper) => asked(n, who, 'POST', '/api/cart/coupon', { code: CODE });
  const order = (n: number, who: Shopper) =>
    asked(n, who, 'POST', '/api/orders', { addressId: who.addressId, payment: { method: 'cod' } });

  const [first] = people;
  if (first === undefined) throw new Error('nobody came');
  await untilOnSale(() => addToCart(shop, first, sku, 1));
  await side(people.slice(1), 16, async (who) => void (await addToCart(shop, who, sku, 1)));
  await eventually(async () => (await enter(1, first)).status === 200, { what: 'the other gateway knows of it' });
  await side([...people.entries()], 16, async ([n, who]) => {
    const entered = await enter(n, who);
    expect(entered.body).toMatchObject({ coupon: { code: CODE, discount: OFF, problem: null } });
  });

  const answers = await Promise.all(people.map((who, n) => order(n, who)));
  const bought = answers.flatMap(({ status, body: of }, n) => (status === 201 ? [{ n, of, who: people[n] }] : []));
  const refused = answers.filter(({ status }) => status !== 201);
  expect(bought).toHaveLength(USES);
  expect(refused.every(({ status, body: of }) => status === 422 && of.code === 'offer-exhausted')).toBe(true);
  for (const { of } of bought) {
    expect(of.offers).toMatchObject([{ code: CODE, discount: OFF }]);
    const lines = of.items.reduce((sum: number, { total }: { total: number }) => sum + total, 0);
    expect(lines + of.totals.shipping).toBe(of.totals.total);
    expect(of.totals.discount).toBe(OFF);
  }
  const { actors } = await system.join();
  const quota = async () => (await actors.quota.read(`prm_${CODE}` as PromotionId)).view;
  const confirmed = (uses: number) =>
    eventually(async () => (await quota()).confirmed === uses, {
      withinMs: PATIENCE_MS,
      what: `${uses} are confirmed`,
    });
  await confirmed(USES);
  expect(await quota()).toMatchObject({ held: 0, spent: USES * OFF, left: { uses: 0 } });

  // What is cancelled goes to as many others, and no further.
  await Promise.all(
    bought.slice(0, CANCELLED).map(async ({ n, of, who = first }) => {
      const cancelled = await asked(n, who, 'POST', `/api/orders/${of.id}/cancel`, { reason: 'changed my mind' });
      expect(cancelled).toMatchObject({ status: 200, body: { status: 'CANCELLED' } });
    }),
  );
  await confirmed(USES - CANCELLED);
  const without = [...people.entries()].filter(([n]) => answers[n]?.status !== 201);
  const served = async (): Promise<number> => {
    const again = await Promise.all(without.map(([n, who]) => order(n, who)));
    return again.filter(({ status }) => status === 201).length;
  };
  let more = 0;
  // A gateway may believe for a second that nothing is left.
  await eventually(
    async () => {
      more += await served();
      return more >= CANCELLED;
    },
    { withinMs: PATIENCE_MS, what: 'they are served' },
  );
  expect(more + (await served())).toBe(CANCELLED);
  await confirmed(USES);
  for (const { api } of gateways) expect(api.failures).toEqual([]);
});
