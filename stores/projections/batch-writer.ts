/**
 * A batch in one statement, and so in one transaction and one round trip: the position moves if it is where the writer
 * believes it to be, and only then are the rows written. Whoever comes second, writes nothing.
 */
import type { Queryable } from '../postgres/pool.ts';
import { type Cell, type Change, type Column, mergeChanges, type Row, type Table } from './table.ts';

/** The position is not where the writer believed: another one is at work, or an earlier answer was lost. */
export class PositionMoved extends Error {
  readonly code = 'position-moved';
  readonly retryable = true;
  constructor(projection: string, expected: number) {
    super(`${projection} is not at ${expected}`);
    this.name = 'PositionMoved';
  }
}

export type Step = { readonly from: number; readonly to: number };

export class BatchWriter {
  readonly #projection: string;
  readonly #tables: readonly Table[];
  readonly #text: string;

  constructor(projection: string, tables: readonly Table[]) {
    this.#projection = projection;
    this.#tables = tables;
    this.#text = statement(tables);
  }

  /** Rejects with PositionMoved, and then has done nothing. */
  async write(client: Queryable, { from, to }: Step, changes: Iterable<Change>): Promise<void> {
    const rows = mergeChanges(changes);
    const columns = this.#tables.flatMap((table) => columnsOf(table, rows.get(table) ?? []));
    const result = await client.query<{ moved: number }>({
      // Prepared once a connection: planning it takes longer than running it.
      name: `project-${this.#projection}`,
      text: this.#text,
      values: [this.#projection, from, to, ...columns],
    });
    if (result.rows[0]?.moved !== 1) throw new PositionMoved(this.#projection, from);
  }
}

const columnsOf = ({ columns }: Table, rows: readonly Row[]): (readonly Cell[])[] =>
  Object.keys(columns).map((name) => rows.map((row) => row[name] ?? null));

function statement(tables: readonly Table[]): string {
  let parameter = 3;
  const upserts = tables.map((table, index) => {
    const names = Object.keys(table.columns);
    const arrays = names.map((name) => `$${++parameter}::${ARRAY[typeOf(table, name)]}`);
    const read = names.map((name) => READ[typeOf(table, name)](`r.${name}`));
    const updates = names.filter((name) => !table.key.includes(name)).flatMap((name) => update(table, name));
    return `rows_${index} as (
  insert into ${table.name} as t (${names.join(', ')})
  select ${read.join(', ')}
  from unnest(${arrays.join(', ')}) as r (${names.join(', ')})
  where exists (select from moved)
  on conflict (${table.key.join(', ')}) do update set ${updates.join(', ')})`;
  });
  return `with moved as (
  update projection_positions set sequence = $3, updated_at = now()
  where projection = $1 and sequence = $2 returning 1),
${upserts.join(',\n')}
select count(*)::integer as moved from moved`;
}

const typeOf = ({ columns }: Table, name: string): Column['type'] => columns[name]?.type ?? 'text';

function update(table: Table, name: string): readonly string[] {
  switch (table.columns[name]?.keep) {
    case 'first':
      return [];
    case 'known':
      return [`${name} = coalesce(excluded.${name}, t.${name})`];
    case undefined:
      return [`${name} = excluded.${name}`];
  }
}

const ARRAY: Readonly<Record<Column['type'], string>> = {
  text: 'text[]',
  integer: 'integer[]',
  bigint: 'bigint[]',
  instant: 'bigint[]',
  json: 'text[]',
};

const asIs = (value: string): string => value;
const READ: Readonly<Record<Column['type'], (value: string) => string>> = {
  text: asIs,
  integer: asIs,
  bigint: asIs,
  instant: (value) => `to_timestamp(${value}::double precision / 1000)`,
  json: (value) => `${value}::jsonb`,
};
