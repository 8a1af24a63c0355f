import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pincode } from '../../actors/ids.ts';
import { freshDatabase } from '../../brokers/launcher/test-servers.ts';
import { migrate } from '../postgres/migrate.ts';
import { createPool, type Pool } from '../postgres/pool.ts';
import { createAccounts } from './accounts.ts';
import { UnknownUser } from './addresses.ts';
import type { AccountDocument, AddressInput, User } from './port.ts';
import { SESSION_LIFETIME_MS } from './sessions.ts';

const log = pino({ level: 'silent' });
let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let clock = Date.UTC(2026, 0, 1);
const told: AccountDocument[] = [];
const accounts = () =>
  createAccounts({ pool, now: () => clock, onAddressesChanged: (document) => told.push(document) });

beforeAll(async () => {
  database = await freshDatabase();
  await migrate(database.url, log);
  pool = createPool({ databaseUrl: database.url, applicationName: 'test', log });
});
afterAll(async () => {
  await pool.end();
  await database[Symbol.asyncDispose]();
});

let people = 0;
async function somebody(): Promise<User & { password: string }> {
  people += 1;
  const password = `password ${people}`;
  const user = await accounts().register({
    email: `person${people}@example.in`,
    phone: `+9198${String(people).padStart(8, '0')}`,
    password,
    firstName: 'Asha',
    lastName: 'Rao',
  });
  if (typeof user === 'string') throw new Error(user);
  return { ...user, password };
}

const home: AddressInput = {
  name: 'Asha Rao',
  phone: '+919800000001',
  line1: '12 MG Road',
  city: 'Bengaluru',
  state: 'Karnataka',
  pincode: '560001' as Pincode,
  type: 'home',
  isDefault: true,
};

test('registers, and finds the person by e-mail in any case and by phone', async () => {
  const { password, ...user } = await somebody();
  expect(user).toMatchObject({ role: 'customer', sellerId: null, version: 1, preferences: {}, createdAt: clock });
  expect(await accounts().authenticate({ email: ` ${user.email.toUpperCase()} ` }, password)).toEqual(user);
  expect(await accounts().authenticate({ phone: user.phone }, password)).toEqual(user);
  expect(await accounts().authenticate({ email: user.email }, 'another')).toBeUndefined();
  expect(await accounts().authenticate({ email: 'nobody@example.in' }, password)).toBeUndefined();
  expect(await accounts().user(user.id)).toEqual(user);
});

test('an e-mail and a phone belong to one account, at once too', async () => {
  const user = await somebody();
  const like = { password: 'x', firstName: 'A', lastName: 'B' };
  expect(await accounts().register({ ...like, email: user.email.toUpperCase(), phone: '+919811111111' })).toBe(
    'email-taken',
  );
  expect(await accounts().register({ ...like, email: 'other@example.in', phone: user.phone })).toBe('phone-taken');
  const twins = await Promise.all(
    [1, 2, 3].map((n) => accounts().register({ ...like, email: 'twin@example.in', phone: `+91970000000${n}` })),
  );
  expect(twins.filter((each) => each === 'email-taken')).toHaveLength(2);
});

test('a hash of older parameters is renewed at login', async () => {
  const user = await somebody();
  // argon2id, m=65536, t=2, p=1, of "password".
  const old = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  await pool.query('update users set password_hash = $2 where id = $1', [user.id, old]);
  expect(await accounts().authenticate({ email: user.email }, 'password')).toBeDefined();
  const { rows } = await pool.query<{ password_hash: string }>('select password_hash from users where id = $1', [
    user.id,
  ]);
  expect(rows[0]?.password_hash).toContain('$m=7168,t=5,p=1$');
  expect(await accounts().authenticate({ email: user.email }, 'password')).toBeDefined();
});

test('a profile changes under its version', async () => {
  const user = await somebody();
  const changed = await accounts().updateProfile(
    user.id,
    { firstName: 'Usha', lastName: 'Rao', preferences: { language: 'kn' } },
    1,
  );
  expect(changed).toMatchObject({ firstName: 'Usha', version: 2, preferences: { language: 'kn' } });
  expect(await accounts().updateProfile(user.id, { firstName: 'X', lastName: 'Y' }, 1)).toBe('version-mismatch');
  expect(await accounts().updateProfile(user.id, { firstName: 'Usha', lastName: 'R' })).toMatchObject({
    version: 3,
    preferences: { language: 'kn' },
  });
  expect(await accounts().updateProfile('usr_none' as User['id'], { firstName: 'X', lastName: 'Y' })).toBeUndefined();
});

test('a refresh token works once; its reuse ends the session', async () => {
  const user = await somebody();
  const first = await accounts().openSession(user.id, { userAgent: 'test' });
  const other = await accounts().openSession(user.id, {});
  const second = await accounts().rotate(first.refreshToken);
  if (typeof second === 'string') throw new Error(second);
  expect(second.user.id).toBe(user.id);
  expect(await accounts().rotate(first.refreshToken)).toBe('reused');
  expect(await accounts().rotate(second.session.refreshToken)).toBe('invalid');
  expect(await accounts().rotate(other.refreshToken)).toMatchObject({ user: { id: user.id } });
});

test('of concurrent refreshes with one token at most one wins, and the session ends', async () => {
  const user = await somebody();
  const { refreshToken } = await accounts().openSession(user.id, {});
  const results = await Promise.all(Array.from({ length: 5 }, () => accounts().rotate(refreshToken)));
  const won = results.flatMap((each) => (typeof each === 'string' ? [] : [each.session.refreshToken]));
  expect(won).toHaveLength(1);
  expect(await accounts().rotate(won[0] ?? '')).toBe('invalid');
});

test('sessions end by logout, by time, and no token is stored', async () => {
  const user = await somebody();
  const closed = await accounts().openSession(user.id, {});
  await accounts().closeSession(closed.refreshToken);
  await accounts().closeSession(closed.refreshToken);
  expect(await accounts().rotate(closed.refreshToken)).toBe('invalid');
  for (const nonsense of ['', 'x', 'é'.repeat(64), 'A'.repeat(64)])
    expect(await accounts().rotate(nonsense)).toBe('invalid');

  const late = await accounts().openSession(user.id, {});
  const stored = await pool.query<{ row: string }>('select sessions::text as row from sessions');
  expect(
    stored.rows.some(({ row }) => row.includes(Buffer.from(late.refreshToken, 'base64url').toString('hex', 16))),
  ).toBe(false);
  clock += SESSION_LIFETIME_MS;
  expect(await accounts().rotate(late.refreshToken)).toBe('invalid');
  await accounts().openSession(user.id, {});
  const { rowCount } = await pool.query('select 1 from sessions where user_id = $1', [user.id]);
  expect(rowCount).toBe(1);
});

test('each change of addresses is in the outbox, whole, with a growing version', async () => {
  const user = await somebody();
  const first = await accounts().addAddress(user.id, home);
  const second = await accounts().addAddress(user.id, { ...home, line2: 'Floor 3', type: 'work' });
  expect(await accounts().addresses(user.id)).toEqual([{ ...first, isDefault: false, version: 2 }, second]);
  expect(await accounts().updateAddress(user.id, first.id, { ...home, city: 'Mysuru' }, 1)).toBe('version-mismatch');
  const moved = await accounts().updateAddress(user.id, first.id, { ...home, city: 'Mysuru' }, 2);
  expect(moved).toMatchObject({ city: 'Mysuru', isDefault: true, version: 3 });
  expect(await accounts().removeAddress(user.id, second.id, 99)).toBe('version-mismatch');
  expect(await accounts().removeAddress(user.id, second.id)).toBe(true);
  expect(await accounts().removeAddress(user.id, second.id)).toBe(false);
  expect(await accounts().addresses(user.id)).toEqual([moved]);

  const { rows } = await pool.query<{ payload: AccountDocument }>(
    'select payload from outbox where subject = $1 order by id',
    [`account.${user.id}`],
  );
  expect(rows.map(({ payload }) => [payload.version, payload.addresses.length])).toEqual([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 1],
  ]);
  expect(rows.at(-1)?.payload).toEqual({ userId: user.id, version: 4, addresses: [moved] });
  expect(told.filter((document) => document.userId === user.id)).toEqual(rows.map((row) => row.payload));
});

test("an address is its owner's only", async () => {
  const [owner, other] = [await somebody(), await somebody()];
  const address = await accounts().addAddress(owner.id, home);
  expect(await accounts().updateAddress(other.id, address.id, home)).toBeUndefined();
  expect(await accounts().removeAddress(other.id, address.id)).toBe(false);
  await expect(accounts().addAddress('usr_none' as User['id'], home)).rejects.toBeInstanceOf(UnknownUser);
});

test('defaults asked for at once leave one default', async () => {
  const user = await somebody();
  await Promise.all(Array.from({ length: 8 }, () => accounts().addAddress(user.id, home)));
  const defaults = (await accounts().addresses(user.id)).filter((address) => address.isDefault);
  expect(defaults).toHaveLength(1);
});
