/** Categories: a tree by names. An id is derived from its path, whatever its case, so that no writer looks it up. */
import { createHash } from 'node:crypto';
import type { Queryable } from '../postgres/pool.ts';
import type { CategoryNode } from './port.ts';

export const categoryId = (path: readonly string[]): string =>
  `cat_${createHash('sha256').update(path.join('\u001f').toLowerCase()).digest('hex').slice(0, 16)}`;

/** The path's own category last, those above it first. */
export const lineage = (path: readonly string[]): readonly (readonly string[])[] =>
  path.map((_, index) => path.slice(0, index + 1));

/** Makes what is missing. Outside the writer's transaction: a category without products is not shown and does no harm. */
export async function ensureCategories(client: Queryable, paths: Iterable<readonly string[]>): Promise<void> {
  const all = new Map<string, readonly string[]>();
  for (const path of paths) for (const each of lineage(path)) all.set(categoryId(each), each);
  if (all.size === 0) return;
  // Parents before children; and always in the same order, so that two writers cannot wait for each other.
  const rows = Array.from(all, ([id, path]) => ({
    id,
    path,
    name: path.at(-1),
    parent_id: path.length > 1 ? categoryId(path.slice(0, -1)) : null,
  })).sort((a, b) => a.path.length - b.path.length || (a.id < b.id ? -1 : 1));
  await client.query(
    `insert into categories (id, parent_id, name, path)
     select id, parent_id, name, path
     from jsonb_to_recordset($1::jsonb) as r(id text, parent_id text, name text, path text[])
     on conflict (id) do nothing`,
    [JSON.stringify(rows)],
  );
}

type CountedRow = {
  readonly id: string;
  readonly parent_id: string | null;
  readonly name: string;
  readonly count: number;
};

/** Categories with products on sale, by name; a count includes what is below. */
export async function categoryTree(client: Queryable): Promise<readonly CategoryNode[]> {
  const { rows } = await client.query<CountedRow>(
    `select c.id, c.parent_id, c.name, n.count
     from (select unnest(category_ids) as id, count(*) from products where status = 'active' group by 1) n
     join categories c using (id) order by c.name, c.id`,
  );
  const below = Map.groupBy(rows, (row) => row.parent_id);
  const nodes = (parent: string | null): readonly CategoryNode[] =>
    (below.get(parent) ?? []).map(({ id, name, count }) => ({ id, name, productCount: count, children: nodes(id) }));
  return nodes(null);
}
