/** The catalogue over PostgreSQL. */
import type { ProductId, SellerId, Sku } from '../../actors/ids.ts';
import { newId } from '../../config/ids.ts';
import { inTransaction, type Pool, type Queryable } from '../postgres/pool.ts';
import { categoryTree, ensureCategories } from './categories.ts';
import { listProducts } from './list.ts';
import type { Availability, Catalogue, CategoryNode, Product, ProductDraft } from './port.ts';
import { PRODUCT_COLUMNS, type ProductRow, productOf } from './rows.ts';
import { saveProducts } from './save.ts';

export type CatalogueOptions = {
  readonly pool: Pool;
  /** `low-stock` from this many units down, over all warehouses. Default 5. */
  readonly lowStock?: number;
  /** How old the category tree's counts may be. Default 10,000 ms. */
  readonly treeMaxAgeMs?: number;
  /** Epoch ms; for tests. */
  readonly now?: () => number;
};

export function createCatalogue({
  pool,
  lowStock = 5,
  treeMaxAgeMs = 10_000,
  now = Date.now,
}: CatalogueOptions): Catalogue {
  const tree = cached(() => categoryTree(pool), treeMaxAgeMs, now);

  /** Runs `change` on the locked row, if it is there and at that version. */
  const changing = async (
    id: ProductId,
    ifVersion: number | undefined,
    change: (client: Queryable, product: Product) => Promise<Product>,
  ): Promise<Product | undefined | 'version-mismatch'> =>
    inTransaction(pool, async (client) => {
      const locked = await client.query('select 1 from products where id = $1 for update', [id]);
      if (locked.rowCount === 0) return undefined;
      const product = await readProduct(client, id);
      if (product === undefined) return undefined;
      if (ifVersion !== undefined && product.version !== ifVersion) return 'version-mismatch';
      return change(client, product);
    });

  const save = async (client: Queryable, id: ProductId, draft: ProductDraft): Promise<Product> => {
    const [saved] = await saveProducts(client, [{ id, draft }], now());
    if (saved === undefined) throw new Error(`product was not written: ${id}`);
    return saved.product;
  };

  return {
    product: (id) => readProduct(pool, id),
    availability: (skus) => availability(pool, skus, lowStock),
    list: (filter, page) => listProducts(pool, filter, page),
    categories: tree,
    async categoryPath(id) {
      const { rows } = await pool.query<{ path: string[] }>('select path from categories where id = $1', [id]);
      return rows[0]?.path;
    },
    async create(draft) {
      await ensureCategories(pool, [draft.category]);
      return inTransaction(pool, (client) => save(client, newId('prd'), draft));
    },
    async update(id, draft, ifVersion) {
      await ensureCategories(pool, [draft.category]);
      return changing(id, ifVersion, (client) => save(client, id, draft));
    },
    archive: (id, ifVersion) =>
      changing(id, ifVersion, async (client, product) =>
        product.status === 'archived' ? product : save(client, id, { ...product, status: 'archived' }),
      ),
    async sellerOf(sku) {
      const { rows } = await pool.query<{ seller_id: SellerId }>(
        'select p.seller_id from variants v join products p on p.id = v.product_id where v.sku = $1',
        [sku],
      );
      return rows[0]?.seller_id;
    },
  };
}

async function readProduct(client: Queryable, id: ProductId): Promise<Product | undefined> {
  const { rows } = await client.query<ProductRow>(`select ${PRODUCT_COLUMNS} from products p where p.id = $1`, [id]);
  return rows.map(productOf)[0];
}

/** From the projection of the SKU actors: seconds old at most, good for showing, never for promising. */
async function availability(
  client: Queryable,
  skus: readonly Sku[],
  lowStock: number,
): Promise<ReadonlyMap<Sku, Availability>> {
  const { rows } = await client.query<{ sku: Sku; available: number }>(
    'select sku, sum(on_hand - reserved)::bigint as available from inventory where sku = any($1::text[]) group by sku',
    [skus],
  );
  const available = new Map(rows.map((row) => [row.sku, row.available]));
  return new Map(skus.map((sku) => [sku, level(available.get(sku) ?? 0, lowStock)]));
}

function level(units: number, lowStock: number): Availability {
  if (units <= 0) return 'out-of-stock';
  return units <= lowStock ? 'low-stock' : 'in-stock';
}

/** One reader at a time; what it read is good for `maxAgeMs`, a failure for nobody. */
function cached(read: () => Promise<readonly CategoryNode[]>, maxAgeMs: number, now: () => number) {
  let current: { readonly value: Promise<readonly CategoryNode[]>; readonly at: number } | undefined;
  return (): Promise<readonly CategoryNode[]> => {
    if (current !== undefined && now() - current.at < maxAgeMs) return current.value;
    const value = read();
    current = { value, at: now() };
    value.catch(() => {
      current = undefined;
    });
    return value;
  };
}
