/**
 * A user's addresses. Every change locks the user's row, keeps at most one default, and writes the whole set as
 * the AccountDocument to the outbox in the same transaction: checkout reads that document, not these rows.
 */
import type { AddressId, Instant, Pincode, UserId } from '../../actors/ids.ts';
import { newId } from '../../config/ids.ts';
import { subjects } from '../../config/subjects.ts';
import { writeOutbox } from '../postgres/outbox.ts';
import { inTransaction, type Pool, type Queryable } from '../postgres/pool.ts';
import type { AccountDocument, Address, AddressInput } from './port.ts';

/** Bounds the document, and what a script can put into one account. */
export const MAX_ADDRESSES = 50;

/** The user has as many addresses as one can have. */
export class TooManyAddresses extends Error {
  readonly code = 'too-many-addresses';
  readonly retryable = false;
  constructor() {
    super(`an account has at most ${MAX_ADDRESSES} addresses`);
    this.name = 'TooManyAddresses';
  }
}

/** There is no such user (any more): a token outlived its account. */
export class UnknownUser extends Error {
  readonly code = 'unknown-user';
  readonly retryable = false;
  constructor(userId: UserId) {
    super(`unknown user: ${userId}`);
    this.name = 'UnknownUser';
  }
}

type Row = {
  id: AddressId;
  name: string;
  phone: string;
  line1: string;
  line2: string | null;
  city: string;
  state: string;
  pincode: Pincode;
  type: Address['type'];
  is_default: boolean;
  version: number;
};

const fromRow = ({ line2, is_default: isDefault, ...row }: Row): Address => ({
  ...row,
  ...(line2 === null ? {} : { line2 }),
  isDefault,
});

const COLUMNS = 'id, name, phone, line1, line2, city, state, pincode, type, is_default, version';

/** Oldest first. */
export async function addressesOf(client: Queryable, userId: UserId): Promise<readonly Address[]> {
  const { rows } = await client.query<Row>(
    `select ${COLUMNS} from addresses where user_id = $1 order by created_at, id`,
    [userId],
  );
  return rows.map(fromRow);
}

/** The document as the rows have it now; undefined for an unknown user. */
export async function accountDocument(client: Queryable, userId: UserId): Promise<AccountDocument | undefined> {
  const { rows } = await client.query<{ address_version: number; addresses: Row[] | null }>(
    `select u.address_version,
            (select json_agg(a order by a.created_at, a.id) from addresses a where a.user_id = u.id) as addresses
     from users u where u.id = $1`,
    [userId],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const addresses = (row.addresses ?? []).map(
    ({ id, name, phone, line1, line2, city, state, pincode, type, is_default, version }) =>
      fromRow({ id, name, phone, line1, line2, city, state, pincode, type, is_default, version }),
  );
  return { userId, addresses, version: row.address_version };
}

/** `document`: what was published, if anything changed. */
export type Changed<T> = { readonly result: T; readonly document: AccountDocument | undefined };

/** Runs `change` under the user's lock and publishes what came of it. Throws UnknownUser. */
async function changing<T>(
  pool: Pool,
  userId: UserId,
  change: (client: Queryable) => Promise<{ changed: boolean; result: T }>,
): Promise<Changed<T>> {
  return inTransaction(pool, async (client) => {
    const locked = await client.query('select 1 from users where id = $1 for update', [userId]);
    if (locked.rowCount === 0) throw new UnknownUser(userId);
    const { changed, result } = await change(client);
    if (!changed) return { result, document: undefined };
    await client.query('update users set address_version = address_version + 1 where id = $1', [userId]);
    const document = await accountDocument(client, userId);
    if (document !== undefined) await writeOutbox(client, [{ subject: subjects.account(userId), payload: document }]);
    return { result, document };
  });
}

async function clearDefault(client: Queryable, userId: UserId): Promise<void> {
  await client.query(
    'update addresses set is_default = false, version = version + 1 where user_id = $1 and is_default',
    [userId],
  );
}

const values = (input: AddressInput) => [
  input.name,
  input.phone,
  input.line1,
  input.line2 ?? null,
  input.city,
  input.state,
  input.pincode,
  input.type,
  input.isDefault,
];

export const addAddress = (pool: Pool, userId: UserId, input: AddressInput, now: Instant): Promise<Changed<Address>> =>
  changing(pool, userId, async (client) => {
    const { rows } = await client.query<{ count: number }>('select count(*) from addresses where user_id = $1', [
      userId,
    ]);
    if ((rows[0]?.count ?? 0) >= MAX_ADDRESSES) throw new TooManyAddresses();
    if (input.isDefault) await clearDefault(client, userId);
    const id = newId('adr');
    await client.query(
      `insert into addresses (id, user_id, created_at, name, phone, line1, line2, city, state, pincode, type, is_default)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [id, userId, new Date(now), ...values(input)],
    );
    return { changed: true, result: { ...input, id, version: 1 } };
  });

export const updateAddress = (
  pool: Pool,
  userId: UserId,
  addressId: AddressId,
  input: AddressInput,
  ifVersion: number | undefined,
): Promise<Changed<Address | undefined | 'version-mismatch'>> =>
  changing<Address | undefined | 'version-mismatch'>(pool, userId, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      'select version from addresses where id = $1 and user_id = $2',
      [addressId, userId],
    );
    const version = rows[0]?.version;
    if (version === undefined) return { changed: false, result: undefined };
    if (ifVersion !== undefined && version !== ifVersion) return { changed: false, result: 'version-mismatch' };
    if (input.isDefault) await clearDefault(client, userId);
    await client.query(
      `update addresses set name = $3, phone = $4, line1 = $5, line2 = $6, city = $7, state = $8, pincode = $9,
              type = $10, is_default = $11, version = $12
       where id = $1 and user_id = $2`,
      [addressId, userId, ...values(input), version + 1],
    );
    return { changed: true, result: { ...input, id: addressId, version: version + 1 } };
  });

export const removeAddress = (
  pool: Pool,
  userId: UserId,
  addressId: AddressId,
  ifVersion: number | undefined,
): Promise<Changed<boolean | 'version-mismatch'>> =>
  changing<boolean | 'version-mismatch'>(pool, userId, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      'select version from addresses where id = $1 and user_id = $2',
      [addressId, userId],
    );
    const version = rows[0]?.version;
    if (version === undefined) return { changed: false, result: false };
    if (ifVersion !== undefined && version !== ifVersion) return { changed: false, result: 'version-mismatch' };
    await client.query('delete from addresses where id = $1 and user_id = $2', [addressId, userId]);
    return { changed: true, result: true };
  });
