/** The rows of `users`. */
import type { Instant, SellerId, UserId } from '../../actors/ids.ts';
import { type Pool, type Queryable, violatedUnique } from '../postgres/pool.ts';
import type { Role, User } from './port.ts';

type Row = {
  id: UserId;
  email: string;
  phone: string;
  first_name: string;
  last_name: string;
  role: Role;
  seller_id: SellerId | null;
  preferences: Record<string, unknown>;
  created_at: Date;
  updated_at: Date;
  version: number;
};

const COLUMNS =
  'id, email, phone, first_name, last_name, role, seller_id, preferences, created_at, updated_at, version';

const fromRow = (row: Row): User => ({
  id: row.id,
  email: row.email,
  phone: row.phone,
  firstName: row.first_name,
  lastName: row.last_name,
  role: row.role,
  sellerId: row.seller_id,
  preferences: row.preferences,
  createdAt: row.created_at.getTime(),
  updatedAt: row.updated_at.getTime(),
  version: row.version,
});

/** The form in which e-mail addresses are stored and compared. */
export const normalEmail = (email: string): string => email.trim().toLowerCase();

export type NewUser = {
  readonly id: UserId;
  readonly email: string;
  readonly phone: string;
  readonly passwordHash: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: Role;
  readonly sellerId: SellerId | null;
};

export async function insertUser(
  client: Queryable,
  user: NewUser,
  now: Instant,
): Promise<User | 'email-taken' | 'phone-taken'> {
  try {
    const { rows } = await client.query<Row>(
      `insert into users (id, email, phone, password_hash, first_name, last_name, role, seller_id, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) returning ${COLUMNS}`,
      [
        user.id,
        normalEmail(user.email),
        user.phone,
        user.passwordHash,
        user.firstName,
        user.lastName,
        user.role,
        user.sellerId,
        new Date(now),
      ],
    );
    const row = rows[0];
    if (row === undefined) throw new Error('insert returned no row');
    return fromRow(row);
  } catch (error) {
    const unique = violatedUnique(error);
    if (unique === 'users_email_unique') return 'email-taken';
    if (unique === 'users_phone_unique') return 'phone-taken';
    throw error;
  }
}

export async function userById(client: Queryable, id: UserId): Promise<User | undefined> {
  const { rows } = await client.query<Row>(`select ${COLUMNS} from users where id = $1`, [id]);
  return rows.map(fromRow)[0];
}

export async function userByLogin(
  client: Queryable,
  login: { email: string } | { phone: string },
): Promise<{ user: User; passwordHash: string } | undefined> {
  const [column, value] = 'email' in login ? ['email', normalEmail(login.email)] : ['phone', login.phone];
  const { rows } = await client.query<Row & { password_hash: string }>(
    `select ${COLUMNS}, password_hash from users where ${column} = $1`,
    [value],
  );
  return rows.map((row) => ({ user: fromRow(row), passwordHash: row.password_hash }))[0];
}

export async function setPasswordHash(client: Queryable, id: UserId, before: string, after: string): Promise<void> {
  await client.query('update users set password_hash = $3 where id = $1 and password_hash = $2', [id, before, after]);
}

export async function updateUser(
  pool: Pool,
  id: UserId,
  change: { firstName: string; lastName: string; preferences?: Readonly<Record<string, unknown>> },
  ifVersion: number | undefined,
  now: Instant,
): Promise<User | undefined | 'version-mismatch'> {
  const { rows } = await pool.query<Row>(
    `update users set first_name = $2, last_name = $3, preferences = coalesce($4, preferences),
            version = version + 1, updated_at = $5
     where id = $1 and ($6::integer is null or version = $6) returning ${COLUMNS}`,
    [
      id,
      change.firstName,
      change.lastName,
      change.preferences === undefined ? null : JSON.stringify(change.preferences),
      new Date(now),
      ifVersion ?? null,
    ],
  );
  const updated = rows.map(fromRow)[0];
  if (updated !== undefined) return updated;
  // Not updated: another version, or no such user.
  return (await userById(pool, id)) === undefined ? undefined : 'version-mismatch';
}
