/** Lists of products: filters, and keyset pages that cost the same however deep. */

import { type CursorPart, type CursorShape, decodeCursor, encodeCursor } from '../cursor.ts';
import type { Queryable } from '../postgres/pool.ts';
import { categoryId } from './categories.ts';
import type { Page, PageRequest, Product, ProductFilter, ProductStatus } from './port.ts';
import { PRODUCT_COLUMNS, type ProductRow, productOf } from './rows.ts';

type Sort = NonNullable<ProductFilter['sort']>;
type SortKey = { readonly column: string; readonly shape: CursorShape; readonly of: (row: ProductRow) => CursorPart };

const id: SortKey = { column: 'p.id', shape: 'text', of: (row) => row.id };
const created: SortKey = { column: 'p.created_at', shape: 'instant', of: (row) => row.created_at.getTime() };
const price: SortKey = { column: 'p.min_price', shape: 'integer', of: (row) => row.min_price };
const ratingAvg: SortKey = { column: 'p.rating_avg', shape: 'number', of: (row) => row.rating_avg };
const ratingCount: SortKey = { column: 'p.rating_count', shape: 'integer', of: (row) => row.rating_count };

/** All keys of a sort run one way, so that a row comparison finds where to go on and an index serves it. */
const SORTS: Readonly<Record<Sort, { readonly keys: readonly SortKey[]; readonly descending: boolean }>> = {
  newest: { keys: [created, id], descending: true },
  'price-asc': { keys: [price, id], descending: false },
  'price-desc': { keys: [price, id], descending: true },
  rating: { keys: [ratingAvg, ratingCount, id], descending: true },
};

/** Without a status only what is on sale. `minPrice`, `maxPrice`: of the cheapest variant. Throws InvalidCursor. */
export async function listProducts(
  client: Queryable,
  filter: ProductFilter,
  page: PageRequest,
): Promise<Page<Product>> {
  const sort = filter.sort ?? 'newest';
  const { keys, descending } = SORTS[sort];
  const values: unknown[] = [];
  const value = (each: unknown): string => `$${values.push(each)}`;
  const conditions = filterConditions(filter, value);
  // PostgreSQL has no text with a NUL in it, and refuses to look for it.
  if (values.some((each) => typeof each === 'string' && /\0|\\u0000/.test(each))) return { data: [], nextCursor: null };
  if (page.cursor !== undefined) {
    const parts = decodeCursor(
      page.cursor,
      sort,
      keys.map((key) => key.shape),
    );
    const after = parts.map((part, index) => value(keys[index] === created ? new Date(part) : part));
    conditions.push(`(${keys.map((key) => key.column).join(', ')}) ${descending ? '<' : '>'} (${after.join(', ')})`);
  }
  const order = keys.map((key) => `${key.column} ${descending ? 'desc' : 'asc'}`).join(', ');
  // One more than asked for tells whether there is a next page.
  const { rows } = await client.query<ProductRow>(
    `select ${PRODUCT_COLUMNS} from products p where ${conditions.join(' and ')} order by ${order} limit ${value(page.limit + 1)}`,
    values,
  );
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  const more = rows.length > page.limit && last !== undefined;
  return {
    data: shown.map(productOf),
    nextCursor: more
      ? encodeCursor(
          sort,
          keys.map((key) => key.of(last)),
        )
      : null,
  };
}

function filterConditions(filter: ProductFilter, value: (each: unknown) => string): string[] {
  const { category, brand, sellerId, minPrice, maxPrice, attributes, status = 'active' } = filter;
  // The status stands in the text, not in a parameter: the partial indexes are for `active`.
  const conditions = [`p.status = '${STATUSES[status]}'`];
  if (category !== undefined) conditions.push(`p.category_ids @> array[${value(categoryId(category))}]`);
  if (brand !== undefined) conditions.push(`lower(p.brand) = ${value(brand.toLowerCase())}`);
  if (sellerId !== undefined) conditions.push(`p.seller_id = ${value(sellerId)}`);
  if (minPrice !== undefined) conditions.push(`p.min_price >= ${value(minPrice)}`);
  if (maxPrice !== undefined) conditions.push(`p.min_price <= ${value(maxPrice)}`);
  const facets = Object.entries(attributes ?? {}).map(([name, each]) => [name.toLowerCase(), [each.toLowerCase()]]);
  if (facets.length > 0) conditions.push(`p.facets @> ${value(JSON.stringify(Object.fromEntries(facets)))}`);
  return conditions;
}

/** Text for SQL comes from here, never from a caller. */
const STATUSES: Readonly<Record<ProductStatus, string>> = { draft: 'draft', active: 'active', archived: 'archived' };
