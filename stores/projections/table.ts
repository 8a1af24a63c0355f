/** Tables as data, rows as plain values, and how many rows of one key become one. */
export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

/**
 * instant: epoch ms to timestamptz · json: text to jsonb.
 * `keep`: what a later row of the same key does not overwrite. `first`: what was written first stays. `known`: a null
 * overwrites nothing.
 */
export type Column = {
  readonly type: 'text' | 'integer' | 'bigint' | 'instant' | 'json';
  readonly keep?: 'first' | 'known';
};

export type Table = {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
};

/** The row that a table has of this key from now on. */
export type Change = { readonly table: Table; readonly row: Row };

/** One row a key, as if the changes had been written one after the other. */
export function mergeChanges(changes: Iterable<Change>): ReadonlyMap<Table, readonly Row[]> {
  const tables = new Map<Table, Map<string, Row>>();
  for (const { table, row } of changes) {
    const rows = tables.get(table) ?? new Map<string, Row>();
    tables.set(table, rows);
    const key = keyOf(table, row);
    const before = rows.get(key);
    rows.set(key, before === undefined ? row : mergeRow(table, before, row));
  }
  return new Map(Array.from(tables, ([table, rows]) => [table, [...rows.values()]]));
}

// Ids and SKUs hold no space.
const keyOf = ({ key }: Table, row: Row): string => key.map((column) => row[column]).join(' ');

function mergeRow(table: Table, before: Row, after: Row): Row {
  const kept: Record<string, Cell> = {};
  for (const name in table.columns) {
    const keep = table.columns[name]?.keep;
    const old = before[name] ?? null;
    if (keep === 'first' || (keep === 'known' && (after[name] ?? null) === null)) kept[name] = old;
  }
  return { ...after, ...kept };
}
