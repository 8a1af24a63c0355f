/** The whole system, as production starts it: nodes by role, over real servers, spoken to by HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, inject, test } from 'vitest';
import { type Env, readEnv } from '../config/env.ts';
import { migrate } from '../stores/postgres/migrate.ts';
import { freePort } from './launcher/servers/ports.ts';
import { eventually, freshDatabase, freshNats } from './launcher/test-servers.ts';
import { type Role, startNode } from './node.ts';

const log = pino({ level: 'silent' });

async function system() {
  const [nats, database] = await Promise.all([freshNats(), freshDatabase()]);
  await migrate(database.url, log);
  const dataDir = mkdtempSync(join(tmpdir(), 'haat-node-'));
  const [port, simulatorPort] = [await freePort(), await freePort()];
  const env: Env = readEnv({
    NATS_URL: nats.url,
    DATABASE_URL: database.url,
    REDIS_URL: inject('redisUrl'),
    DATA_DIR: dataDir,
    PORT: `${port}`,
    SIMULATOR_PORT: `${simulatorPort}`,
    RATE_LIMIT_FACTOR: '1000',
  });
  const running: { stop(): Promise<void> }[] = [];
  return {
    env,
    async start(...roles: Role[]) {
      const node = await startNode({ roles, env, log });
      running.unshift(node);
      return node;
    },
    async call<T = Document>(
      method: string,
      path: string,
      options: { token?: string; key?: string; body?: object } = {},
    ) {
      const { token, key, body } = options;
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as T };
    },
    async [Symbol.asyncDispose]() {
      for (const node of running) await node.stop();
      await nats[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

type Document = { readonly id: string; readonly status: string };
type List = { readonly data: readonly Document[] };
type Product = { readonly variants: readonly { readonly sku: string; readonly availability: string }[] };

type System = Awaited<ReturnType<typeof system>>;

/** The demo customer, with the SKU of a product that is in stock. */
async function shopper(shop: System) {
  const login = await shop.call<{ accessToken: string }>('POST', '/api/users/login', {
    body: { email: 'customer@haat.example', password: 'demo-password' },
  });
  const { accessToken: token } = login.body;
  const addresses = await shop.call<List>('GET', '/api/users/me/addresses', { token });
  const addressId = addresses.body.data[0]?.id;
  const found = await eventually(async () => {
    const list = await shop.call<List>('GET', '/api/products?limit=50');
    for (const { id } of list.body.data) {
      const { body } = await shop.call<Product>('GET', `/api/products/${id}`);
      const variant = body.variants.find(({ availability }) => availability === 'in-stock');
      if (variant !== undefined) return variant.sku;
    }
    return undefined;
  });
  return { token, addressId, sku: found };
}

test('an order goes from cart to confirmed, and back, while nodes come and go', { timeout: 60_000 }, async () => {
  await using shop = await system();
  const first = await shop.start('cart', 'sku', 'order', 'payment', 'checkout', 'projections', 'relay');
  await shop.start('gateway');
  const ready = await shop.call('GET', '/health/ready');
  expect(ready.status).toBe(200);
  const { token, addressId, sku } = await shopper(shop);
  const order = async (key: string) => {
    const added = await shop.call('POST', '/api/cart/items', { token, body: { sku, quantity: 1 } });
    expect(added.status).toBe(200);
    const body = { addressId, payment: { method: 'cod' } };
    return shop.call('POST', '/api/orders', { token, key, body });
  };
  const statusOf = async (id: string) => (await shop.call('GET', `/api/orders/${id}`, { token })).body.status;

  const placed = await order('first-order');
  expect(placed).toMatchObject({ status: 201, body: { status: 'CONFIRMED' } });
  expect((await order('first-order')).body.id).toBe(placed.body.id);

  // Another node takes its share, then all of it.
  await shop.start('cart', 'sku', 'order', 'payment', 'checkout', 'projections', 'relay');
  expect((await order('second-order')).status).toBe(201);
  const leaving = first.stop();
  expect((await order('third-order')).status).toBe(201);
  await leaving;
  expect((await order('fourth-order')).status).toBe(201);

  const cancelled = await shop.call('POST', `/api/orders/${placed.body.id}/cancel`, {
    token,
    key: 'cancel-first',
    body: { reason: 'changed my mind' },
  });
  expect(cancelled.status).toBeLessThan(300);
  await eventually(async () => (await statusOf(placed.body.id)) === 'CANCELLED');
  await eventually(
    async () => (await shop.call<List>('GET', '/api/orders?limit=10', { token })).body.data.length === 4,
  );
});

test('a node that cannot start leaves nothing running and says why', async () => {
  await using nats = await freshNats();
  const dataDir = mkdtempSync(join(tmpdir(), 'haat-node-'));
  const env = readEnv({ NATS_URL: nats.url, DATA_DIR: dataDir });
  await expect(startNode({ roles: ['cart', 'projections'], env, log })).rejects.toThrow('DATABASE_URL is not set');
  rmSync(dataDir, { recursive: true, force: true });
});
