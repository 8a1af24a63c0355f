import pino from 'pino';
import { expect, test } from 'vitest';
import { memoryActors } from '../../../actors/checkout/testing/memory-actors.ts';
import { freshDatabase } from '../../../brokers/launcher/test-servers.ts';
import { isToken } from '../../../config/subjects.ts';
import { createAccounts } from '../../accounts/accounts.ts';
import { migrate } from '../../postgres/migrate.ts';
import { createPool } from '../../postgres/pool.ts';
import { createCatalogue } from '../catalogue.ts';
import { demoProducts, demoStock } from './generate.ts';
import { DEMO_PASSWORD, DEMO_USERS, seedDemo } from './seed-demo.ts';

const log = pino({ level: 'silent' });

test('the catalogue has more than 300 products, each SKU once, each price sound', () => {
  const products = demoProducts();
  const variants = products.flatMap(({ draft }) => draft.variants);
  expect(products.length).toBeGreaterThanOrEqual(300);
  expect(new Set(products.map(({ id }) => id)).size).toBe(products.length);
  expect(new Set(variants.map(({ sku }) => sku)).size).toBe(variants.length);
  for (const { sku, mrp, price } of variants) {
    expect(isToken(sku) && sku.length <= 64, sku).toBe(true);
    expect(price > 0 && price <= mrp && price % 100 === 0 && mrp % 100 === 0, `${sku} ${price} ${mrp}`).toBe(true);
  }
  const levels = variants.map(({ sku }) => demoStock(sku).units);
  expect(levels.filter((units) => units === 0).length).toBeGreaterThan(10);
  expect(levels.filter((units) => units > 0 && units < 5).length).toBeGreaterThan(10);
});

test('seeds once: people of each role, a default address, products and stock; a cut-off run is completed', async () => {
  await using database = await freshDatabase();
  await migrate(database.url, log);
  const pool = createPool({ databaseUrl: database.url, applicationName: 'test', log });
  const actors = memoryActors({
    now: Date.now,
    step: async (_, effect) => effect(),
    recorded: () => {},
    commandWindow: 64,
  });
  const dying = Object.assign(
    () => {
      throw new Error('the actors went away');
    },
    { read: actors.sku.read, watch: actors.sku.watch },
  );
  await expect(seedDemo({ pool, actors: { sku: dying }, log })).rejects.toThrow('went away');
  // Two nodes that start together.
  const both = await Promise.all([seedDemo({ pool, actors, log }), seedDemo({ pool, actors, log })]);
  expect(both.toSorted()).toEqual(['already', 'seeded']);
  expect(await seedDemo({ pool, actors, log })).toBe('already');

  const accounts = createAccounts({ pool });
  for (const { role, phone } of DEMO_USERS) {
    const user = await accounts.authenticate({ email: `${role}@haat.example` }, DEMO_PASSWORD);
    expect(user).toMatchObject({ role, phone });
    const addresses = user === undefined ? [] : await accounts.addresses(user.id);
    expect(addresses.map((each) => each.isDefault)).toEqual(role === 'customer' ? [true] : []);
  }
  const tree = await createCatalogue({ pool }).categories();
  expect(tree.reduce((sum, node) => sum + node.productCount, 0)).toBe(demoProducts().length);
  expect(
    tree.every((node) => node.children.length > 0 && node.children.every((child) => child.children.length === 0)),
  ).toBe(true);
  for (const { draft } of demoProducts().slice(0, 20)) {
    for (const { sku } of draft.variants)
      expect((await actors.sku.read(sku)).view.available).toBe(demoStock(sku).units);
  }
  await pool.end();
});
