/**
 * Writes products, many in one round trip as well as one, and what JetStream has to hear of them, in the caller's
 * transaction. The categories must be there (`ensureCategories`).
 */
import type { Instant, ProductId, Sku } from '../../actors/ids.ts';
import { subjects } from '../../config/subjects.ts';
import { type OutboxMessage, writeOutbox } from '../postgres/outbox.ts';
import type { Queryable } from '../postgres/pool.ts';
import { categoryId, lineage } from './categories.ts';
import { type OfferDocument, type Product, type ProductDraft, SkuTaken, type Variant } from './port.ts';
import { facetsOf, lowestPrice, offerOf } from './rows.ts';

export type ProductWrite = {
  readonly id: ProductId;
  readonly draft: ProductDraft;
  /** For a new product that brings one; an existing product keeps its own. */
  readonly rating?: Product['rating'];
  /**
   * Of the source that it is imported from: with the fingerprint of last time, nothing is written, so that an
   * import can be repeated and does not undo what was edited since.
   */
  readonly fingerprint?: string;
};

export type SavedProduct = { readonly product: Product; readonly isNew: boolean };

/** Returns what was written: without those that a fingerprint left alone. Throws SkuTaken. */
export async function saveProducts(
  client: Queryable,
  writes: readonly ProductWrite[],
  now: Instant,
): Promise<readonly SavedProduct[]> {
  refuseDoubleSkus(writes);
  const saved = await upsertProducts(client, writes, now);
  const products = saved.map((each) => each.product);
  await upsertVariants(client, products);
  const retired = await retireVariants(client, products);
  await writeOutbox(
    client,
    products.flatMap((product) => messagesOf(product, retired.get(product.id) ?? [])),
  );
  return saved;
}

/** The product's last state and the offers of all its variants; those that it no longer has are withdrawn. */
export function messagesOf(product: Product, retired: readonly Variant[]): readonly OutboxMessage[] {
  const offers: OfferDocument[] = [
    ...product.variants.map((variant) => offerOf(product, variant)),
    ...retired.map((variant) => offerOf(product, variant, 'archived')),
  ];
  return [
    { subject: subjects.product(product.id), payload: product },
    ...offers.map((offer) => ({ subject: subjects.offer(offer.sku), payload: offer })),
  ];
}

function refuseDoubleSkus(writes: readonly ProductWrite[]): void {
  const seen = new Set<Sku>();
  for (const { sku } of writes.flatMap(({ draft }) => draft.variants)) {
    if (seen.has(sku)) throw new SkuTaken(sku);
    seen.add(sku);
  }
}

type Upserted = {
  id: ProductId;
  version: number;
  created_at: Date;
  rating_avg: number;
  rating_count: number;
  is_new: boolean;
};

async function upsertProducts(
  client: Queryable,
  writes: readonly ProductWrite[],
  now: Instant,
): Promise<readonly SavedProduct[]> {
  const rows = writes
    .map(({ id, draft, rating, fingerprint }) => ({
      id,
      seller_id: draft.sellerId,
      name: draft.name,
      description: draft.description,
      brand: draft.brand,
      category: draft.category,
      category_ids: lineage(draft.category).map(categoryId),
      attributes: draft.attributes,
      facets: facetsOf(draft),
      images: draft.images,
      min_price: lowestPrice(draft.variants),
      rating_avg: rating?.avg ?? 0,
      rating_count: rating?.count ?? 0,
      status: draft.status,
      import_fingerprint: fingerprint ?? null,
    }))
    // The same order for every writer, so that two cannot wait for each other.
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const upserted = await client.query<Upserted>(
    `insert into products as p (id, seller_id, name, description, brand, category, category_ids, attributes, facets,
       images, min_price, rating_avg, rating_count, status, import_fingerprint, created_at, updated_at)
     select r.*, $2, $2 from jsonb_to_recordset($1::jsonb) as r(id text, seller_id text, name text, description text,
       brand text, category text[], category_ids text[], attributes jsonb, facets jsonb, images text[],
       min_price bigint, rating_avg numeric, rating_count integer, status text, import_fingerprint text)
     on conflict (id) do update set
       seller_id = excluded.seller_id, name = excluded.name, description = excluded.description,
       brand = excluded.brand, category = excluded.category, category_ids = excluded.category_ids,
       attributes = excluded.attributes, facets = excluded.facets, images = excluded.images,
       min_price = excluded.min_price, status = excluded.status,
       import_fingerprint = coalesce(excluded.import_fingerprint, p.import_fingerprint),
       version = p.version + 1, updated_at = excluded.updated_at
     where excluded.import_fingerprint is null or excluded.import_fingerprint is distinct from p.import_fingerprint
     returning id, version, created_at, rating_avg::float8 as rating_avg, rating_count, version = 1 as is_new`,
    [JSON.stringify(rows), new Date(now)],
  );
  const drafts = new Map(writes.map(({ id, draft }) => [id, draft]));
  return upserted.rows.flatMap((row) => {
    const draft = drafts.get(row.id);
    if (draft === undefined) return [];
    const product: Product = {
      ...draft,
      id: row.id,
      rating: { avg: row.rating_avg, count: row.rating_count },
      createdAt: row.created_at.getTime(),
      updatedAt: now,
      version: row.version,
    };
    return [{ product, isNew: row.is_new }];
  });
}

async function upsertVariants(client: Queryable, products: readonly Product[]): Promise<void> {
  const rows = products.flatMap((product) =>
    product.variants.map((variant, position) => ({ ...variant, product_id: product.id, position })),
  );
  if (rows.length === 0) return;
  const { rows: written } = await client.query<{ sku: Sku }>(
    `insert into variants as v (sku, product_id, position, attributes, mrp, price)
     select sku, product_id, position, attributes, mrp, price
     from jsonb_to_recordset($1::jsonb)
       as r(sku text, product_id text, position integer, attributes jsonb, mrp bigint, price bigint)
     on conflict (sku) do update set position = excluded.position, attributes = excluded.attributes,
       mrp = excluded.mrp, price = excluded.price, retired = false
     where v.product_id = excluded.product_id
     returning sku`,
    [JSON.stringify(rows)],
  );
  if (written.length === rows.length) return;
  const ours = new Set(written.map(({ sku }) => sku));
  const taken = rows.find(({ sku }) => !ours.has(sku));
  if (taken !== undefined) throw new SkuTaken(taken.sku);
}

async function retireVariants(
  client: Queryable,
  products: readonly Product[],
): Promise<ReadonlyMap<ProductId, readonly Variant[]>> {
  const { rows } = await client.query<Variant & { product_id: ProductId }>(
    `update variants set retired = true
     where product_id = any($1::text[]) and not retired and sku <> all($2::text[])
     returning product_id, sku, attributes, mrp, price`,
    [products.map(({ id }) => id), products.flatMap(({ variants }) => variants.map(({ sku }) => sku))],
  );
  return Map.groupBy(rows, (row) => row.product_id);
}
