/** A flash sale as its operators and shoppers see it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paise, type SaleId, type Sku } from '../../actors/ids.ts';
import { eventually } from '../../brokers/launcher/eventually.ts';
import { type Person, type TestGateway, testGateway } from '../testing/test-gateway.ts';

const HOUR = 3_600_000;
let gateway: TestGateway;
let origin: string;
let ops: Person;
beforeAll(async () => {
  gateway = await testGateway();
  origin = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  ops = await gateway.person('ops');
});
afterAll(() => gateway[Symbol.asyncDispose]());

const inAnHour = () => new Date(Date.now() + HOUR).toISOString();
const item = (sku: Sku, more: object = {}) => ({
  sku,
  price: 99_00,
  units: 4,
  limitPerCustomer: 2,
  buckets: 2,
  ...more,
});
const declare = (payload: object, as = ops) => gateway.send({ method: 'POST', url: '/api/sales', payload, as });
const get = (url: string, as?: Person) => gateway.send({ method: 'GET', url, ...(as ? { as } : {}) });
const openSale = async (sku: Sku, more: object = {}): Promise<string> => {
  const made = await declare({ title: 'Ten at ten', endsAt: inAnHour(), items: [item(sku, more)] });
  expect(made).toMatchObject({ statusCode: 201 });
  return made.json().id;
};

let keys = 0;
async function buy(as: Person, sku: Sku, quantity = 1) {
  const added = await gateway.send({ method: 'POST', url: '/api/cart/items', payload: { sku, quantity }, as });
  if (added.statusCode !== 200) return added;
  const payload = { addressId: await gateway.address(as), payment: { method: 'cod' } };
  return gateway.send({ method: 'POST', url: '/api/orders', payload, as, key: `sale-${++keys}` });
}

describe('declaring', () => {
  it('sets the units aside, and shows the sale to everybody', async () => {
    const sku = await gateway.sell(10);
    const id = await openSale(sku);
    expect((await get(`/api/inventory/${sku}`, ops)).json()).toMatchObject({ available: 6 });
    const shown = (await get(`/api/sales/${id}`)).json();
    expect(shown).toMatchObject({ id, title: 'Ten at ten', status: 'open', currency: 'INR' });
    expect(shown.items).toEqual([
      { sku, price: 99_00, units: 4, limitPerCustomer: 2, soldOut: false, left: 4, sold: 0 },
    ]);
    const list = (await get('/api/sales?status=open&limit=100')).json();
    expect(list.data.find((each: { id: string }) => each.id === id)).toMatchObject({ status: 'open' });
  });

  it('is refused for want of stock, with nothing moved', async () => {
    const [enough, few] = [await gateway.sell(10), await gateway.sell(3)];
    const refused = await declare({ title: 'x', endsAt: inAnHour(), items: [item(enough), item(few)] });
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      code: 'out-of-stock',
      errors: [{ path: 'items[1].units', sku: few, available: 3 }],
    });
    for (const [sku, units] of [
      [enough, 10],
      [few, 3],
    ] as const)
      expect((await get(`/api/inventory/${sku}`, ops)).json()).toMatchObject({ available: units });
  });

  const faults: [string, { endsAt?: string; colour?: string; items?: readonly object[] }, string][] = [
    ['an end that has passed', { endsAt: '2020-01-01T00:00:00Z' }, 'endsAt'],
    ['a price above the usual one', { items: [{ price: 200_00 }] }, 'items[0].price'],
    ['no units', { items: [{ units: 0 }] }, 'items[0].units'],
    ['a field that there is not', { colour: 'red' }, 'colour'],
  ];
  it.each(faults)('is refused for %s', async (_, change, path) => {
    const items = [item(await gateway.sell(10), change.items?.[0])];
    const refused = await declare({ title: 'x', endsAt: inAnHour(), ...change, items });
    expect(refused.statusCode).toBe(400);
    expect(refused.json().errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it('is refused for a SKU that is in another sale then, and to who may not', async () => {
    const sku = await gateway.sell(20);
    await openSale(sku);
    const again = await declare({ title: 'x', endsAt: inAnHour(), items: [item(sku)] });
    expect(again.json()).toMatchObject({ status: 409, code: 'sale-overlap' });
    const shopper = await gateway.person();
    expect((await declare({ title: 'x', endsAt: inAnHour(), items: [item(sku)] }, shopper)).statusCode).toBe(403);
    expect((await get('/api/sales/sal_unknown')).statusCode).toBe(404);
  });
});

it('is listed page by page, each once', async () => {
  for (let n = 0; n < 3; n++) await openSale(await gateway.sell(10));
  const all = (await get('/api/sales?limit=100')).json().data.map(({ id }: { id: string }) => id);
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page: { data: { id: string }[]; nextCursor: string | null } = (
      await get(`/api/sales?limit=2${next === '' ? '' : `&cursor=${next}`}`)
    ).json();
    seen.push(...page.data.map(({ id }) => id));
    next = page.nextCursor;
  }
  expect(seen).toEqual(all);
  expect(new Set(seen).size).toBeGreaterThan(2);
});

describe('buying', () => {
  it('is at the sale’s price while it is on, and at the usual one after it', async () => {
    const sku = await gateway.sell(10);
    const id = await openSale(sku);
    const asha = await gateway.person();
    const added = await gateway.send({
      method: 'POST',
      url: '/api/cart/items',
      payload: { sku, quantity: 1 },
      as: asha,
    });
    expect(added.json().items).toMatchObject([
      { sku, unitPrice: 99_00, sale: { id, soldOut: false, limitPerCustomer: 2 } },
    ]);
    const bought = await buy(asha, sku);
    expect(bought.json()).toMatchObject({ status: 'CONFIRMED', items: [{ sku, quantity: 2, unitPrice: 99_00 }] });

    const ended = await gateway.send({ method: 'POST', url: `/api/sales/${id}/end`, as: ops });
    expect(ended.json()).toMatchObject({ id, status: 'ended' });
    await eventually(async () => (await get(`/api/inventory/${sku}`, ops)).json().available === 8);
    const ravi = await gateway.person();
    expect((await buy(ravi, sku)).json()).toMatchObject({ items: [{ unitPrice: 199_00 }] });
  });

  it('is never dearer than usual, whatever the seller did since it was declared', async () => {
    const sku = await gateway.sell(10);
    const id = 'sal_dearer' as SaleId;
    const items = [{ sku, price: paise(299_00), units: 4, limitPerCustomer: 2, buckets: 1 }];
    const now = Date.now();
    await gateway.live.actors.sale(id).declare({ title: 'Before', items, startsAt: now, endsAt: now + HOUR });
    await eventually(() => gateway.sales.statusOf(id) === 'open');
    expect((await buy(await gateway.person(), sku)).json()).toMatchObject({ items: [{ unitPrice: 199_00 }] });
    const asha = await gateway.person();
    const payload = { sku, quantity: 1 };
    const added = await gateway.send({ method: 'POST', url: '/api/cart/items', payload, as: asha });
    expect(added.json().items).toMatchObject([{ unitPrice: 199_00, sale: { id } }]);
  });

  it('is for so many to one customer, over all of their orders', async () => {
    const sku = await gateway.sell(10);
    await openSale(sku);
    const asha = await gateway.person();
    expect((await buy(asha, sku, 3)).json()).toMatchObject({ status: 409, code: 'purchase-limit' });
    await gateway.send({ method: 'PUT', url: `/api/cart/items/${sku}`, payload: { quantity: 1 }, as: asha });
    const payload = { addressId: await gateway.address(asha), payment: { method: 'cod' } };
    const one = await gateway.send({ method: 'POST', url: '/api/orders', payload, as: asha, key: `sale-${++keys}` });
    expect(one.statusCode).toBe(201);
    const more = await buy(asha, sku, 2);
    expect(more.json()).toMatchObject({
      code: 'purchase-limit',
      errors: [{ sku, requested: 2, available: 1, limit: 2 }],
    });
  });
});

it('what lies on the shelf is not counted twice: no stock is set while some of it is set aside', async () => {
  const sku = await gateway.sell(10);
  const id = await openSale(sku);
  const { warehouses } = (await get(`/api/inventory/${sku}`, ops)).json();
  const { warehouseId, onHand } = warehouses[0];
  const url = `/api/inventory/${sku}/${warehouseId}`;
  const count = (units: number, more: object = {}) =>
    gateway.send({ method: 'PUT', url, payload: { onHand: units, ...more }, as: ops });
  const refused = await count(onHand + 4);
  expect(refused.json()).toMatchObject({ status: 409, code: 'stock-set-aside', sales: [id] });
  expect((await get(`/api/inventory/${sku}`, ops)).json()).toMatchObject({ available: 6 });
  // What does not change it, and what says by how much it changes, is no miscount.
  expect((await count(onHand, { reorderPoint: 1 })).statusCode).toBe(200);
  const payload = { delta: 3, reason: 'delivered' };
  const adjusted = await gateway.send({
    method: 'POST',
    url: `${url}/adjustments`,
    payload,
    as: ops,
    key: `adjust-${id}`,
  });
  expect(adjusted.json()).toMatchObject({ available: 9 });
  await gateway.send({ method: 'POST', url: `/api/sales/${id}/end`, as: ops });
  await eventually(async () => (await count(20)).statusCode === 200);
});

function follow(id: string) {
  const leaving = new AbortController();
  const seen: { status: string; items: { soldOut: boolean; left: number | null }[] }[] = [];
  const done = fetch(`${origin}/api/sales/${id}/events`, { signal: leaving.signal }).then(async ({ body }) => {
    let text = '';
    for await (const chunk of body ?? []) {
      text += Buffer.from(chunk).toString();
      const data = text.split('\n').filter((line) => line.startsWith('data:'));
      seen.splice(0, seen.length, ...data.map((line) => JSON.parse(line.slice(5))));
    }
  });
  done.catch(() => {});
  return { seen, done, leave: () => leaving.abort() };
}

describe('sold out', () => {
  it('is told to who follows, refused without asking an actor, and available again when units come back', async () => {
    const sku = await gateway.sell(10);
    const id = await openSale(sku, { units: 2, limitPerCustomer: 1 });
    const { seen, done } = follow(id);
    await eventually(() => seen.some(({ status }) => status === 'open'));
    const [asha, ravi, late] = [await gateway.person(), await gateway.person(), await gateway.person()];
    // In the cart before it is sold out.
    await gateway.send({ method: 'POST', url: '/api/cart/items', payload: { sku, quantity: 1 }, as: late });
    const addressId = await gateway.address(late);
    const first = (await buy(asha, sku)).json();
    await buy(ravi, sku);
    await eventually(() => seen.at(-1)?.status === 'sold-out');
    expect(seen.at(-1)).toMatchObject({ id, items: [{ sku, soldOut: true, left: 0 }] });
    expect((await get(`/api/sales/${id}`)).json()).toMatchObject({ status: 'sold-out', items: [{ soldOut: true }] });

    const checkout = (key: string) =>
      gateway.send({
        method: 'POST',
        url: '/api/orders',
        payload: { addressId, payment: { method: 'cod' } },
        as: late,
        key,
      });
    const refused = await checkout('late-1');
    expect(refused.json()).toMatchObject({
      status: 409,
      code: 'out-of-stock',
      soldOut: true,
      errors: [{ sku, available: 0 }],
    });
    expect(refused.json().orderId).toBeUndefined();
    gateway.live.fail(new Error('no actor may be asked'));
    const add = await gateway.send({ method: 'POST', url: '/api/cart/items', payload: { sku, quantity: 1 }, as: ravi });
    gateway.live.fail(undefined);
    expect(add.json()).toMatchObject({ status: 409, code: 'out-of-stock', soldOut: true });

    const payload = { reason: 'changed my mind' };
    await gateway.send({ method: 'POST', url: `/api/orders/${first.id}/cancel`, payload, as: asha, key: 'cancel-it' });
    await eventually(() => seen.at(-1)?.status === 'open');
    expect((await checkout('late-2')).statusCode).toBe(201);

    await eventually(() => seen.at(-1)?.status === 'sold-out');
    await gateway.send({ method: 'POST', url: `/api/sales/${id}/end`, as: ops });
    await done;
    expect(seen.at(-1)?.status).toBe('ended');
    expect((await get(`/api/sales/${id}/events`)).statusCode).toBe(204);
  });

  it('is known to listeners in this process', async () => {
    const sku = await gateway.sell(1);
    const id = await openSale(sku, { units: 1 });
    const heard: SaleId[] = [];
    const stop = gateway.sales.onSoldOut((sale) => heard.push(sale));
    expect(gateway.sales.statusOf(id)).toBe('open');
    expect((await buy(await gateway.person(), sku)).statusCode).toBe(201);
    await eventually(() => heard.length === 1);
    expect(heard).toEqual([id]);
    expect(gateway.sales.statusOf(id)).toBe('sold-out');
    stop();
  });
});
