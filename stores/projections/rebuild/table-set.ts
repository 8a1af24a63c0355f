/** A second set of a projection's tables, in a schema of its own: made anew, filled, and put in the place of the live one. */
import type pg from 'pg';
import { projectionSchema } from '../../postgres/migrate.ts';
import type { Projection } from '../projection.ts';

export const shadowSchema = ({ name }: Projection): string => `rebuild_${name}`;

/** What is unqualified means the shadow's tables on these connections. */
export function shadowUrl(databaseUrl: string, projection: Projection): string {
  const url = new URL(databaseUrl);
  const options = url.searchParams.get('options') ?? '';
  url.searchParams.set('options', `${options} -c search_path=${shadowSchema(projection)}`.trim());
  return url.href;
}

/** Empty tables. What an earlier rebuild that was cut off has left is dropped. */
export async function makeShadow(client: pg.ClientBase, projection: Projection): Promise<void> {
  const schema = shadowSchema(projection);
  const tables = await projectionSchema();
  await inTransaction(client, 'begin', async () => {
    await client.query(`drop schema if exists ${schema} cascade; create schema ${schema}`);
    await client.query(`set local search_path to ${schema}; ${tables}`);
  });
}

export const dropShadow = async (client: pg.ClientBase, projection: Projection): Promise<void> =>
  void (await client.query(`drop schema if exists ${shadowSchema(projection)} cascade`));

/**
 * One transaction: writers wait, the last commits are replayed by `catchUp`, and the shadow's tables take the place of
 * the live ones, with the position that they stand for. Readers wait for the last step only.
 *
 * The locks are taken in the order in which a live batch takes its own: tables first, then the position.
 */
export async function swap(
  client: pg.ClientBase,
  projection: Projection,
  catchUp: (livePosition: number) => Promise<number>,
): Promise<void> {
  const { name, tables } = projection;
  const shadow = shadowSchema(projection);
  const names = tables.map((table) => table.name);
  await inTransaction(client, 'begin', async () => {
    const { rows } = await client.query<{ live: string }>('select current_schema() as live');
    const live = rows[0]?.live ?? 'public';
    await client.query(`set local lock_timeout = '5s'; lock table ${names.join(', ')} in share row exclusive mode`);
    const position = await catchUp(await livePosition(client, projection));
    for (const table of names) {
      await client.query(`drop table ${live}.${table}; alter table ${shadow}.${table} set schema ${live}`);
    }
    await client.query(
      `insert into ${live}.projection_positions as p (projection, sequence) values ($1, $2)
       on conflict (projection) do update set sequence = $2, updated_at = now()`,
      [name, position],
    );
    await client.query(`drop schema ${shadow} cascade`);
  });
}

export async function livePosition(client: pg.ClientBase, { name }: Projection): Promise<number> {
  const { rows } = await client.query<{ sequence: number }>(
    'select sequence from projection_positions where projection = $1',
    [name],
  );
  return rows[0]?.sequence ?? 0;
}

export async function inTransaction<T>(client: pg.ClientBase, begin: string, work: () => Promise<T>): Promise<T> {
  await client.query(begin);
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
