/** Two sets of tables, row for row, by cursors: neither is ever in memory whole. */
import type pg from 'pg';
import type { Projection } from '../projection.ts';
import type { Table } from '../table.ts';

export type Difference = {
  readonly table: string;
  readonly key: string;
  /** The row as JSON; undefined: it is not there. */
  readonly live: string | undefined;
  readonly rebuilt: string | undefined;
};

type KeyedRow = { readonly key: string; readonly row: string };

const PAGE = 5_000;

/** Both clients are in a transaction, each with its own set in its search path. Calls `onDifference` for each. */
export async function compareTables(
  projection: Projection,
  live: pg.ClientBase,
  rebuilt: pg.ClientBase,
  onDifference: (difference: Difference) => void,
): Promise<number> {
  let compared = 0;
  for (const table of projection.tables) {
    const [ours, theirs] = [rowsOf(live, table), rowsOf(rebuilt, table)];
    let [a, b] = [await next(ours), await next(theirs)];
    while (a !== undefined || b !== undefined) {
      compared += 1;
      const order = a === undefined ? 1 : b === undefined ? -1 : a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
      const key = (order > 0 ? b?.key : a?.key) ?? '';
      const left = order > 0 ? undefined : a?.row;
      const right = order < 0 ? undefined : b?.row;
      if (left !== right) onDifference({ table: table.name, key, live: left, rebuilt: right });
      if (order <= 0) a = await next(ours);
      if (order >= 0) b = await next(theirs);
    }
  }
  return compared;
}

async function next(rows: AsyncGenerator<KeyedRow>): Promise<KeyedRow | undefined> {
  const { value, done } = await rows.next();
  return done === true ? undefined : value;
}

async function* rowsOf(client: pg.ClientBase, { name, key }: Table): AsyncGenerator<KeyedRow> {
  const keyText = key.map((column) => `t.${column}`).join(` || ' ' || `);
  const cursor = `compare_${name}`;
  // Byte order, which is the order of JavaScript's strings for what ids and SKUs are made of.
  await client.query(
    `declare ${cursor} no scroll cursor for
     select ${keyText} as key, to_jsonb(t)::text as row from ${name} t order by (${keyText}) collate "C"`,
  );
  for (;;) {
    const { rows } = await client.query<KeyedRow>(`fetch ${PAGE} from ${cursor}`);
    yield* rows;
    if (rows.length < PAGE) break;
  }
  await client.query(`close ${cursor}`);
}
