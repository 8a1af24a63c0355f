import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Paise, ProductId, SellerId, Sku } from '../../actors/ids.ts';
import { freshDatabase } from '../../brokers/launcher/test-servers.ts';
import { InvalidCursor } from '../cursor.ts';
import { migrate } from '../postgres/migrate.ts';
import { createPool, type Pool } from '../postgres/pool.ts';
import { createCatalogue } from './catalogue.ts';
import { type OfferDocument, type Product, type ProductDraft, type ProductFilter, SkuTaken } from './port.ts';

const log = pino({ level: 'silent' });
const SELLER = 'sel_one' as SellerId;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let clock = Date.UTC(2026, 0, 1);
const catalogue = () => createCatalogue({ pool, now: () => clock, treeMaxAgeMs: 0 });

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.url, log);
  pool = createPool({ databaseUrl: database.url, applicationName: 'test', log });
});
beforeEach(() => pool.query('truncate products, variants, categories, outbox cascade'));
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

const variant = (sku: string, price: number, attributes = {}) => ({
  sku: sku as Sku,
  attributes,
  mrp: (price + 100) as Paise,
  price: price as Paise,
});

const kurta = (change: Partial<ProductDraft> = {}): ProductDraft => ({
  name: 'Indigo Kurta',
  description: 'Handloom cotton.',
  brand: 'Neelam',
  category: ['Clothing', 'Kurtas'],
  sellerId: SELLER,
  attributes: { Fabric: 'Cotton', Care: ['Hand wash', 'Line dry'] },
  images: ['https://images.example/1.jpg'],
  variants: [variant('KURTA-M', 89_900, { Size: 'M' }), variant('KURTA-L', 94_900, { Size: 'L' })],
  status: 'active',
  ...change,
});

type Message<T> = { subject: string; payload: T };
const outbox = async () =>
  (await pool.query<Message<Product & OfferDocument>>('select subject, payload from outbox order by id')).rows;

test('a product is stored whole, and said in the same transaction', async () => {
  const product = await catalogue().create(kurta());
  expect(product).toMatchObject({ ...kurta(), rating: { avg: 0, count: 0 }, version: 1, createdAt: clock });
  expect(await catalogue().product(product.id)).toEqual(product);
  expect(await catalogue().product('prd_none' as ProductId)).toBeUndefined();
  expect(await outbox()).toEqual([
    { subject: `product.${product.id}`, payload: product },
    {
      subject: 'offer.KURTA-M',
      payload: {
        sku: 'KURTA-M',
        productId: product.id,
        sellerId: SELLER,
        name: 'Indigo Kurta (M)',
        unitPrice: 89_900,
        mrp: 90_000,
        status: 'active',
        version: 1,
        goods: {
          brand: 'Neelam',
          category: ['Clothing', 'Kurtas'],
          hsn: '6211',
          grams: 500,
          sellerState: '29',
          origin: { pincode: '560048', state: '29' },
        },
      },
    },
    { subject: 'offer.KURTA-L', payload: expect.objectContaining({ name: 'Indigo Kurta (L)' }) },
  ]);
});

test('a change moves the version; a variant left out is withdrawn, and may come back', async () => {
  const { id } = await catalogue().create(kurta());
  clock += 1_000;
  const one = kurta({ variants: [variant('KURTA-L', 79_900, { Size: 'L' })] });
  expect(await catalogue().update(id, one, 7)).toBe('version-mismatch');
  const changed = await catalogue().update(id, one, 1);
  expect(changed).toMatchObject({ version: 2, updatedAt: clock, createdAt: clock - 1_000, variants: one.variants });
  expect(await catalogue().product(id)).toEqual(changed);
  const said = (await outbox()).slice(3).map(({ subject, payload }) => [subject, payload.status, payload.version]);
  expect(said).toEqual([
    [`product.${id}`, 'active', 2],
    ['offer.KURTA-L', 'active', 2],
    ['offer.KURTA-M', 'archived', 2],
  ]);
  expect(await catalogue().update(id, kurta())).toMatchObject({ version: 3, variants: kurta().variants });
  expect(await catalogue().update('prd_none' as ProductId, kurta({ variants: [variant('N', 100)] }))).toBeUndefined();
});

test('a SKU is one product’s for ever; a refused write leaves nothing', async () => {
  const { id } = await catalogue().create(kurta());
  await expect(catalogue().create(kurta({ name: 'Copy' }))).rejects.toBeInstanceOf(SkuTaken);
  await catalogue().update(id, kurta({ variants: [variant('KURTA-L', 79_900)] }));
  const thief = kurta({ variants: [variant('NEW-1', 100), variant('KURTA-M', 100)] });
  await expect(catalogue().create(thief)).rejects.toMatchObject({ code: 'sku-taken', sku: 'KURTA-M' });
  await expect(catalogue().create(kurta({ variants: [variant('D', 1), variant('D', 2)] }))).rejects.toBeInstanceOf(
    SkuTaken,
  );
  expect((await pool.query('select count(*) as n from products')).rows).toEqual([{ n: 1 }]);
  expect(await outbox()).toHaveLength(6);
  expect(await catalogue().sellerOf('KURTA-M' as Sku)).toBe(SELLER);
  expect(await catalogue().sellerOf('NEW-1' as Sku)).toBeUndefined();
});

test('an archived product is out of the lists, can still be read, and is withdrawn', async () => {
  const { id } = await catalogue().create(kurta());
  expect(await catalogue().archive(id, 2)).toBe('version-mismatch');
  expect(await catalogue().archive(id)).toMatchObject({ status: 'archived', version: 2 });
  expect(await catalogue().archive(id)).toMatchObject({ version: 2 });
  expect(await catalogue().product(id)).toMatchObject({ status: 'archived' });
  expect((await catalogue().list({}, { limit: 10 })).data).toEqual([]);
  expect((await catalogue().list({ status: 'archived' }, { limit: 10 })).data).toHaveLength(1);
  expect(await catalogue().categories()).toEqual([]);
  expect((await outbox()).slice(3).map(({ payload }) => payload.status)).toEqual(['archived', 'archived', 'archived']);
});

test('two changes at once with the same expectation: one wins', async () => {
  const { id } = await catalogue().create(kurta());
  const results = await Promise.all(['A', 'B', 'C'].map((name) => catalogue().update(id, kurta({ name }), 1)));
  expect(results.filter((each) => each === 'version-mismatch')).toHaveLength(2);
  expect(await catalogue().product(id)).toMatchObject({ version: 2 });
});

test('filters', async () => {
  await catalogue().create(kurta());
  await catalogue().create(
    kurta({
      name: 'Lamp',
      brand: null,
      category: ['Home', 'Lamps'],
      attributes: { Watts: 9 },
      variants: [variant('LAMP', 50_000)],
    }),
  );
  await catalogue().create(
    kurta({
      name: 'Phone',
      brand: 'Tara',
      category: ['Electronics'],
      sellerId: 'sel_two' as SellerId,
      variants: [variant('PH', 900_000)],
    }),
  );
  const names = async (filter: ProductFilter) =>
    (await catalogue().list(filter, { limit: 10 })).data.map((each) => each.name).sort();
  expect(await names({ category: ['clothing'] })).toEqual(['Indigo Kurta']);
  expect(await names({ category: ['Clothing', 'Kurtas'] })).toEqual(['Indigo Kurta']);
  expect(await names({ category: ['Kurtas'] })).toEqual([]);
  expect(await names({ brand: 'tara' })).toEqual(['Phone']);
  expect(await names({ sellerId: SELLER })).toEqual(['Indigo Kurta', 'Lamp']);
  expect(await names({ minPrice: 50_000 as Paise, maxPrice: 89_900 as Paise })).toEqual(['Indigo Kurta', 'Lamp']);
  expect(await names({ attributes: { size: 'm', FABRIC: 'cotton' } })).toEqual(['Indigo Kurta']);
  expect(await names({ attributes: { care: 'line dry' } })).toEqual(['Indigo Kurta', 'Phone']);
  expect(await names({ attributes: { watts: '9' } })).toEqual(['Lamp']);
  expect(await names({ brand: 'Tara\0' })).toEqual([]);
  expect(await names({ attributes: { 'si\0ze': 'm' } })).toEqual([]);
  expect(await names({ brand: `'; drop table products; --` })).toEqual([]);
});

test('pages of every order show each product once, in order, with ties and with products that come in meanwhile', async () => {
  for (let i = 0; i < 25; i++) {
    clock += i % 3 === 0 ? 1 : 0;
    await catalogue().create(kurta({ name: `P${i}`, variants: [variant(`P${i}`, 1_000 + (i % 4))] }));
  }
  await pool.query('update products set rating_avg = (min_price % 4) + 0.25, rating_count = min_price % 2');
  for (const sort of ['newest', 'price-asc', 'price-desc', 'rating'] as const) {
    const seen: Product[] = [];
    let cursor: string | undefined;
    do {
      const page = await catalogue().list({ sort }, { limit: 7, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.data);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen.map((each) => each.id)).size).toBe(25);
    const key = { newest: 'createdAt', 'price-asc': 'price', 'price-desc': 'price', rating: 'rating' }[sort];
    const values = seen.map((each) =>
      key === 'createdAt' ? each.createdAt : key === 'rating' ? each.rating.avg : (each.variants[0]?.price ?? 0),
    );
    expect(values).toEqual(values.toSorted((a, b) => (sort === 'price-asc' ? a - b : b - a)));
  }
});

test('a cursor of another list, or of nobody, is refused', async () => {
  for (const sku of ['A', 'B']) await catalogue().create(kurta({ variants: [variant(sku, 100)] }));
  const { nextCursor } = await catalogue().list({ sort: 'newest' }, { limit: 1 });
  const forged = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const bad = [
    '',
    'x',
    '💥',
    forged({}),
    forged(['newest']),
    forged(['newest', 1e300, 'prd']),
    forged(['newest', 1.5, 'prd']),
    forged(['newest', 1, 'nul\u0000']),
    forged(['newest', 1, 'prd', 1]),
    forged(['newest', '1', 'prd']),
  ];
  for (const cursor of bad) {
    await expect(catalogue().list({ sort: 'newest' }, { limit: 1, cursor })).rejects.toBeInstanceOf(InvalidCursor);
  }
  const other = catalogue().list({ sort: 'rating' }, { limit: 1, cursor: nextCursor ?? '' });
  await expect(other).rejects.toBeInstanceOf(InvalidCursor);
});

test('categories are a tree with counts; an id leads back to its path', async () => {
  await catalogue().create(kurta({ variants: [variant('A', 100)] }));
  await catalogue().create(kurta({ category: ['Clothing', 'Sarees'], variants: [variant('B', 100)] }));
  await catalogue().create(kurta({ category: ['clothing', 'SAREES', 'Silk'], variants: [variant('C', 100)] }));
  const [clothing, ...others] = await catalogue().categories();
  expect(others).toEqual([]);
  expect(clothing).toMatchObject({
    name: 'Clothing',
    productCount: 3,
    children: [
      { name: 'Kurtas', productCount: 1, children: [] },
      { name: 'Sarees', productCount: 2, children: [{ name: 'Silk', productCount: 1, children: [] }] },
    ],
  });
  expect(await catalogue().categoryPath(clothing?.children[1]?.id ?? '')).toEqual(['Clothing', 'Sarees']);
  expect(await catalogue().categoryPath('cat_none')).toBeUndefined();
});

test('availability is what the warehouses have together, less what is held', async () => {
  await pool.query(`insert into inventory
    (sku, warehouse_id, on_hand, reserved, reorder_point, updated_at, version)
    select *, 0, now(), 1 from (values
    ('MUCH', 'wh_del', 10, 0), ('MUCH', 'wh_bom', 3, 3), ('LOW', 'wh_del', 7, 2), ('HELD', 'wh_del', 2, 2)) as stock`);
  const levels = await catalogue().availability(['MUCH', 'LOW', 'HELD', 'NONE'] as Sku[]);
  expect(Object.fromEntries(levels)).toEqual({
    MUCH: 'in-stock',
    LOW: 'low-stock',
    HELD: 'out-of-stock',
    NONE: 'out-of-stock',
  });
});
