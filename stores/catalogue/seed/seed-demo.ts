/**
 * What a first start on one machine loads, so that people can buy at once: a small catalogue with stock, and an
 * account of each role. Never in production: the passwords are public. Once a database; a run that was cut off is
 * completed by the next.
 */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Actors } from '../../../actors/clients.ts';
import type { Pincode, UserId } from '../../../actors/ids.ts';
import { idFrom } from '../../../config/ids.ts';
import { addAddress, addressesOf } from '../../accounts/addresses.ts';
import { createPasswords } from '../../accounts/passwords.ts';
import type { AddressInput, Role } from '../../accounts/port.ts';
import { insertUser, userByLogin } from '../../accounts/users.ts';
import { inTransaction, type Pool } from '../../postgres/pool.ts';
import { ensureCategories } from '../categories.ts';
import { saveProducts } from '../save.ts';
import { stockUp } from '../stock.ts';
import { DEMO_SELLER, DEMO_TIME, demoProducts, demoStock } from './generate.ts';

export const DEMO_PASSWORD = 'demo-password';
export const DEMO_USERS = [
  { role: 'customer', firstName: 'Chitra', lastName: 'Iyer', phone: '+919000000001' },
  { role: 'seller', firstName: 'Salim', lastName: 'Khatri', phone: '+919000000002' },
  { role: 'ops', firstName: 'Omkar', lastName: 'Patil', phone: '+919000000003' },
  { role: 'admin', firstName: 'Anita', lastName: 'Bose', phone: '+919000000004' },
] as const satisfies readonly { role: Role; firstName: string; lastName: string; phone: string }[];

const CUSTOMER_HOME: AddressInput = {
  name: 'Chitra Iyer',
  phone: '+919000000001',
  line1: '14 Temple View, 3rd Cross',
  line2: 'Malleshwaram',
  city: 'Bengaluru',
  state: 'Karnataka',
  pincode: '560003' as Pincode,
  type: 'home',
  isDefault: true,
};

export type SeedOptions = {
  readonly pool: Pool;
  readonly actors: Pick<Actors, 'sku'>;
  readonly log: Logger;
  readonly now?: () => number;
};

/** Any number that nobody else locks. */
const LOCK = 7_481_003;
const OTHERS_TAKE_MS = 60_000;

/** `already`: this database has been seeded before; nothing was done. Of several nodes that start at once, one does it. */
export async function seedDemo(options: SeedOptions): Promise<'seeded' | 'already'> {
  const holder = await options.pool.connect();
  try {
    const end = performance.now() + OTHERS_TAKE_MS;
    while (!(await holder.query<{ ours: boolean }>('select pg_try_advisory_lock($1) as ours', [LOCK])).rows[0]?.ours) {
      if (performance.now() > end) throw new Error('another node has been loading the first catalogue for a minute');
      await pause(100);
    }
    return await seedOnce(options);
  } finally {
    // Closed, not given back: the lock goes with its session.
    holder.release(true);
  }
}

async function seedOnce({ pool, actors, log, now = Date.now }: SeedOptions): Promise<'seeded' | 'already'> {
  const startedAt = performance.now();
  const done = await pool.query(`select 1 from seeds where name = 'demo'`);
  if (done.rowCount === 1) return 'already';
  const products = demoProducts();
  await Promise.all([
    seedUsers(pool, now()),
    ensureCategories(
      pool,
      products.map(({ draft }) => draft.category),
    ),
  ]);
  const writes = products.map((product) => ({ ...product, fingerprint: fingerprintOf(product) }));
  await inTransaction(pool, (client) => saveProducts(client, writes, now()));
  const skus = products.flatMap(({ draft }) => draft.variants.map((variant) => variant.sku));
  await stockUp(actors, skus.map(demoStock));
  await pool.query(`insert into seeds (name) values ('demo') on conflict do nothing`);
  log.info({
    event: 'demo-seeded',
    products: products.length,
    skus: skus.length,
    ms: Math.round(performance.now() - startedAt),
  });
  return 'seeded';
}

const fingerprintOf = (product: object): string =>
  createHash('sha256').update(JSON.stringify(product)).digest('base64url');

async function seedUsers(pool: Pool, now: number): Promise<void> {
  const passwords = createPasswords();
  await Promise.all(
    DEMO_USERS.map(async ({ role, ...person }) => {
      const email = `${role}@haat.example`;
      const there = await userByLogin(pool, { email });
      const id = there?.user.id ?? idFrom('usr', `demo:${role}`, DEMO_TIME);
      if (there === undefined) {
        const passwordHash = await passwords.hash(DEMO_PASSWORD);
        const sellerId = role === 'seller' ? DEMO_SELLER : null;
        await insertUser(pool, { ...person, id, email, role, passwordHash, sellerId }, now);
      }
      if (role === 'customer') await seedAddress(pool, id, now);
    }),
  );
}

async function seedAddress(pool: Pool, id: UserId, now: number): Promise<void> {
  if ((await addressesOf(pool, id)).length === 0) await addAddress(pool, id, CUSTOMER_HOME, now);
}
