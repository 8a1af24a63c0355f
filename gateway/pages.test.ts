import { randomBytes } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Paise, Pincode, SellerId, Sku, WarehouseId } from '../actors/ids.ts';
import { eventually, freshDatabase, freshNats, type TestServer } from '../brokers/launcher/test-servers.ts';
import { subjects } from '../config/subjects.ts';
import { createCatalogue } from '../stores/catalogue/catalogue.ts';
import { followCatalogue } from '../stores/catalogue/changes.ts';
import type { Catalogue, ProductDraft } from '../stores/catalogue/port.ts';
import { connectNats } from '../stores/nats/connection.ts';
import { migrate } from '../stores/postgres/migrate.ts';
import { createPool, type Pool } from '../stores/postgres/pool.ts';
import { keepCatalogue } from './pages/kept-catalogue.ts';
import { sharePages } from './pages/shared-pages.ts';
import { testGateway } from './testing/test-gateway.ts';

const log = pino({ level: 'silent' });
const newSku = () => `TEA-${randomBytes(6).toString('hex')}` as Sku;
const draft = (sku: string, price = 19_900): ProductDraft => ({
  name: 'Assam tea',
  description: 'Second flush',
  brand: 'Haat',
  category: ['Grocery', 'Tea'],
  sellerId: 'sel_shop' as SellerId,
  attributes: {},
  images: [],
  variants: [{ sku: sku as Sku, attributes: {}, mrp: 24_900 as Paise, price: price as Paise }],
  status: 'active',
});

describe('kept pages of several gateways', () => {
  let server: TestServer;
  let nats: NatsConnection;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let pool: Pool;
  let redis: Redis;
  beforeAll(async () => {
    [server, database] = await Promise.all([freshNats(), freshDatabase()]);
    await migrate(database.url, log);
    pool = createPool({ databaseUrl: database.url, applicationName: 'pages-test', log });
    nats = await connectNats(server.url, { name: 'test', log });
    redis = new Redis(inject('redisUrl'));
  });
  afterAll(async () => {
    await nats.close();
    await redis.quit();
    await pool.end();
    await Promise.all([server[Symbol.asyncDispose](), database[Symbol.asyncDispose]()]);
  });

  /** One gateway's pages over the database of all; how often each was asked for is counted. */
  const pages = () => {
    const asked = { product: 0, list: 0 };
    const source = createCatalogue({ pool });
    const counted: Catalogue = {
      ...source,
      product: (id) => source.product(id).finally(() => asked.product++),
      list: (filter, page) => source.list(filter, page).finally(() => asked.list++),
    };
    const kept = keepCatalogue(counted, {
      changes: (listener) => followCatalogue(nats, listener),
      shared: sharePages(redis),
    });
    return { ...kept, asked };
  };

  it('follow what is changed at another one, and share what was read', async () => {
    const [here, there] = [pages(), pages()];
    const made = await createCatalogue({ pool }).create(draft(newSku()));
    expect((await here.product(made.id))?.version).toBe(1);
    expect(await there.product(made.id)).toEqual(await here.product(made.id));
    expect(here.asked.product + there.asked.product).toBe(1);

    const page = { limit: 10 };
    expect((await there.list({}, page)).data.map(({ id }) => id)).toContain(made.id);
    await there.list({}, page);
    expect(there.asked.list).toBe(1);

    const [variant] = made.variants;
    await here.update(made.id, draft(variant?.sku ?? '', 17_900));
    // As the relay does.
    nats.publish(subjects.product(made.id), JSON.stringify(made));
    const priceThere = async () => (await there.product(made.id))?.variants[0]?.price === 17_900;
    await eventually(priceThere);
    await eventually(async () => (await there.list({}, page)).data[0]?.variants[0]?.price === 17_900);
    expect((await here.list({}, page)).data[0]?.variants[0]?.price).toBe(17_900);
    here.stop();
    there.stop();
  });

  it('go on without Redis', async () => {
    const away = new Redis({ port: 1, lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
    away.on('error', () => undefined);
    const kept = keepCatalogue(createCatalogue({ pool }), { shared: sharePages(away) });
    const made = await kept.create(draft(newSku()));
    expect(await kept.product(made.id)).toEqual(made);
    away.disconnect();
  });
});

describe('pages', () => {
  it('are shown as they were while the database is away, with what is left of the stock', async () => {
    const database = await freshDatabase();
    await migrate(database.url, log);
    const pool = createPool({ databaseUrl: database.url, applicationName: 'pages-test', log });
    const catalogue = createCatalogue({ pool });
    let isAway = false;
    const failing =
      <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        isAway ? Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' })) : work(...args);
    await using gateway = await testGateway({
      deps: {
        catalogue: {
          ...catalogue,
          product: failing(catalogue.product),
          list: failing(catalogue.list),
          categories: failing(catalogue.categories),
          categoryPath: failing(catalogue.categoryPath),
          availability: failing(catalogue.availability),
        },
      },
    });
    const sku = newSku();
    const made = await catalogue.create(draft(sku));
    const urls = [`/api/products/${made.id}`, `/api/products/${made.id}/variants`, '/api/products', '/api/categories'];
    const read = () => Promise.all(urls.map((url) => gateway.send({ url })));
    const before = await read();
    isAway = true;
    const after = await read();
    expect(after.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
    expect(after.map(({ body, headers }) => [body, headers.etag])).toEqual(
      before.map(({ body, headers }) => [body, headers.etag]),
    );
    expect((await gateway.send({ url: `/api/products/prd_${'0'.repeat(32)}` })).json().code).toBe('unavailable');
    await pool.end();
    await database[Symbol.asyncDispose]();
  });

  it('show availability as it is, in the page of a product and in lists', async () => {
    await using gateway = await testGateway();
    const seller = await gateway.person('seller');
    const sku = newSku();
    const { sellerId: _, ...payload } = draft(sku);
    const made = await gateway.send({ method: 'POST', url: '/api/products', payload, as: seller });
    const url = String(made.headers.location);
    const seen = async () => {
      const [page, list] = await Promise.all([gateway.send({ url }), gateway.send({ url: '/api/products' })]);
      return [page.json().variants[0].availability, list.json().data[0].availability, page.headers.etag];
    };
    const [before, , tag] = await seen();
    expect(before).toBe('out-of-stock');
    const stock = { warehouseId: 'wh_blr' as WarehouseId, pincode: '560048' as Pincode, onHand: 3 };
    await gateway.live.actors.sku(sku).setStock(stock);
    await eventually(async () => {
      const [inPage, inList, changedTag] = await seen();
      return inPage === 'in-stock' && inList === 'in-stock' && changedTag !== tag;
    });
  });

  it('come without what is live, to be kept for five minutes; prices and availability beside them, as they are', async () => {
    await using gateway = await testGateway();
    const seller = await gateway.person('seller');
    const sku = await gateway.sell(4, { unitPrice: 19_900 as Paise });
    const { sellerId: _, ...payload } = draft(sku);
    const made = await gateway.send({ method: 'POST', url: '/api/products', payload, as: seller });
    const { id } = made.json();
    const page = await gateway.send({ url: `/pages/products/${id}` });
    expect(page.headers['cache-control']).toBe('public, max-age=300, stale-while-revalidate=300, stale-if-error=3600');
    expect(page.json()).toMatchObject({ id, name: 'Assam tea', variants: [{ sku, attributes: {} }] });
    expect(page.body).not.toMatch(/"price"|"mrp"|"availability"/);
    const headers = { 'if-none-match': String(page.headers.etag) };
    expect((await gateway.send({ url: `/pages/products/${id}`, headers })).statusCode).toBe(304);

    const live = await gateway.send({ url: page.json().live });
    expect(live.headers['cache-control']).toBe('no-store');
    expect(live.json().data).toEqual([
      { sku, productId: 'prd_1', mrp: 24_900, price: 19_900, currency: 'INR', availability: 'in-stock', sale: null },
    ]);
    gateway.stopSelling(sku);
    expect((await gateway.send({ url: page.json().live })).json().data).toEqual([]);

    const [grocery] = (await gateway.send({ url: '/api/categories' })).json().data;
    const category = await gateway.send({ url: `/pages/categories/${grocery.id}` });
    expect(category.json()).toMatchObject({ path: ['Grocery'], products: { data: [{ id, skus: [sku] }] } });
    expect(category.body).not.toMatch(/"price"|"mrp"|"availability"/);
    expect((await gateway.send({ method: 'DELETE', url: `/api/products/${id}`, as: seller })).statusCode).toBe(204);
    expect((await gateway.send({ url: `/pages/products/${id}` })).statusCode).toBe(404);
    expect((await gateway.send({ url: `/pages/categories/${grocery.id}` })).json().products.data).toEqual([]);
  });

  it.each([
    '/api/offers',
    '/api/offers?skus=',
    '/api/offers?skus=no spaces',
    `/api/offers?skus=${'A,B'.repeat(5_000)}`,
  ])('refuse a question that is none: %.40s', async (url) => {
    await using gateway = await testGateway();
    expect((await gateway.send({ url: encodeURI(url) })).json().code).toBe('invalid-request');
  });
});
