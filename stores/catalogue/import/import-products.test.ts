import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { memoryActors } from '../../../actors/checkout/testing/memory-actors.ts';
import type { OrderId, Paise, Pincode, SellerId, Sku } from '../../../actors/ids.ts';
import { freshDatabase } from '../../../brokers/launcher/test-servers.ts';
import { migrate } from '../../postgres/migrate.ts';
import { createPool, type Pool } from '../../postgres/pool.ts';
import { createCatalogue } from '../catalogue.ts';
import { type ImportOptions, importProducts, type Rejected } from './import-products.ts';
import { FileUnreadable, openProductFile } from './read-file.ts';

const log = pino({ level: 'silent' });
const SELLER = 'sel_import' as SellerId;
const HEADER =
  'uniq_id,pid,product_name,brand,category_tree,retail_price,discounted_price,is_FK_Advantage_product,product_rating,overall_rating,description,product_specifications,image';
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let folder: string;

beforeAll(async () => {
  [database, folder] = await Promise.all([freshDatabase(), mkdtemp(join(tmpdir(), 'haat-import-'))]);
  await migrate(database.url, log);
  pool = createPool({ databaseUrl: database.url, applicationName: 'test', log });
});
beforeEach(() => pool.query('truncate products, variants, categories, outbox cascade'));
afterAll(async () => {
  await pool.end();
  await Promise.all([database[Symbol.asyncDispose](), rm(folder, { recursive: true })]);
});

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const line = (pid: string, name: string, mrp = '999', price = '379', rest = ''): string =>
  [
    `u-${pid}`,
    pid,
    quoted(name),
    'Alisha',
    quoted('["Clothing >> Shorts"]'),
    mrp,
    price,
    'FALSE',
    '',
    '',
    quoted(rest),
    '',
    '',
  ].join(',');
async function file(lines: readonly string[], pack = (text: string): string | Buffer => text): Promise<string> {
  const path = join(folder, `${Math.random()}.csv`);
  await writeFile(path, pack([HEADER, ...lines, ''].join('\n')));
  return path;
}
async function run(path: string, change: Partial<ImportOptions> = {}) {
  const rejected: Rejected[] = [];
  const counts = await importProducts({
    pool,
    file: await openProductFile(path),
    sellerId: SELLER,
    onRejected: (each) => rejected.push(each),
    ...change,
  });
  return { counts, rejected: rejected.map((each) => [each.line, each.reason]) };
}
const newActors = () =>
  memoryActors({ now: Date.now, step: async (_, effect) => effect(), recorded: () => {}, commandWindow: 64 });
const names = async () =>
  (await createCatalogue({ pool }).list({ sort: 'price-asc' }, { limit: 100 })).data.map((each) => each.name);

const messy = [
  line('P1', 'Good', '999', '100'),
  line('P2', 'No price', '', ''),
  line('P3', 'Two\nlines of name', '999', '200', 'a\n\nb'),
  line('P1', 'Again'),
  'too,few,columns',
  line('P4', 'Above MRP', '10', '20'),
  '',
  `u,P5,"Stray" quote,,,9,9,,,,,,`,
  line('P6', '<b>Bold</b> &amp; \u0001bad', '999', '300'),
];

test('every kind of mess: what is good is imported, what is not is reported with its line', async () => {
  for (const pack of [(text: string) => text, (text: string) => gzipSync(`\ufeff${text}`)]) {
    await pool.query('truncate products, variants, categories, outbox cascade');
    const { counts, rejected } = await run(await file(messy, pack), { batch: 2 });
    expect(rejected).toEqual([
      [3, 'price-missing'],
      [8, 'duplicate-id'],
      [9, 'malformed'],
      [10, 'price-above-mrp'],
      [12, 'malformed'],
    ]);
    expect(counts).toEqual({ rows: 8, created: 3, changed: 0, unchanged: 0, rejected: 5, stocked: 0 });
    expect(await names()).toEqual(['Good', 'Two lines of name', 'Bold & bad']);
  }
});

test('the same file again changes nothing; a changed row changes its product; what was edited here stays', async () => {
  const path = await file([line('P1', 'One', '999', '100'), line('P2', 'Two', '999', '200')]);
  expect((await run(path)).counts).toMatchObject({ created: 2 });
  const [one] = (await createCatalogue({ pool }).list({ sort: 'price-asc' }, { limit: 1 })).data;
  if (one === undefined) throw new Error('nothing imported');
  await createCatalogue({ pool }).update(one.id, { ...one, name: 'Edited' });
  await pool.query('truncate outbox');
  expect((await run(path)).counts).toMatchObject({ created: 0, changed: 0, unchanged: 2 });
  expect((await pool.query('select 1 from outbox')).rowCount).toBe(0);
  expect(await names()).toEqual(['Edited', 'Two']);

  const newer = await file([line('P1', 'One', '999', '100'), line('P2', 'Two', '999', '250')]);
  expect((await run(newer)).counts).toMatchObject({ created: 0, changed: 1, unchanged: 1 });
  const { rows } = await pool.query<{ subject: string }>('select subject from outbox order by id');
  expect(rows.map(({ subject }) => subject.split('.')[0])).toEqual(['product', 'offer']);
});

test('a SKU of another product is one bad row, not the end of its batch', async () => {
  await createCatalogue({ pool }).create({
    name: 'Ours',
    description: '',
    brand: null,
    category: ['Home'],
    sellerId: SELLER,
    attributes: {},
    images: [],
    status: 'active',
    variants: [{ sku: 'P2' as Sku, attributes: {}, mrp: 100 as Paise, price: 100 as Paise }],
  });
  const { counts, rejected } = await run(await file([line('P1', 'One'), line('P2', 'Two'), line('P3', 'Three')]));
  expect(rejected).toEqual([[3, 'sku-taken']]);
  expect(counts).toMatchObject({ created: 2, rejected: 1 });
});

test('stock is given once: what was sold is not put back, what a cut-off run left out is', async () => {
  const actors = newActors();
  const path = await file([line('P1', 'One'), line('P2', 'Two')]);
  // As if cut off before the stock.
  await run(path);
  expect((await run(path, { stock: { actors, units: 20 } })).counts.stocked).toBe(2);
  expect((await actors.sku.read('P1' as Sku)).view.available).toBe(20);
  const order = { orderId: 'ord_1' as OrderId, quantity: 3, pincode: '110001' as Pincode };
  await actors.sku('P1' as Sku).reserve({ ...order, expiresAt: Date.now() + 60_000 });
  await actors.sku('P1' as Sku).commit(order);
  expect((await run(path, { stock: { actors, units: 20 } })).counts.stocked).toBe(0);
  expect((await actors.sku.read('P1' as Sku)).view).toMatchObject({ available: 17, received: 20, sold: 3 });
});

test('a file that is no product file says so; one that is cut off keeps what came before', async () => {
  await expect(openProductFile(join(folder, 'none.csv'))).rejects.toBeInstanceOf(FileUnreadable);
  const other = join(folder, 'other.csv');
  await writeFile(other, 'a,b\n1,2\n');
  await expect(run(other)).rejects.toThrow(/has no column pid, product_name/);
  const rows = Array.from({ length: 3_000 }, (_, n) => line(`Q${n}`, `${Math.random()} thing ${n}`));
  const cut = await file(rows, (text) => {
    const whole = gzipSync(text);
    return whole.subarray(0, whole.length - 2_000);
  });
  await expect(run(cut, { batch: 100 })).rejects.toBeInstanceOf(FileUnreadable);
  expect((await names()).length).toBeGreaterThan(0);
});

test('a quote that is left open costs its line, not the file', async () => {
  const rest = Array.from({ length: 500 }, (_, n) => `u,R${n},Thing ${n},,x,9,9,,,,,,`);
  const rows = [line('P1', 'One', '999', '100'), 'u,P2,"never closed', line('P3', 'Three'), ...rest, 'u,P4,"nor this'];
  const { counts, rejected } = await run(await file(rows));
  expect(rejected).toEqual([
    [3, 'malformed'],
    [505, 'malformed'],
  ]);
  expect(counts.created).toBe(502);
});
