/** A product as PostgreSQL keeps it, read back. */
import type { Paise, ProductId, SellerId } from '../../actors/ids.ts';
import { goodsOf } from './goods.ts';
import type { Attributes, OfferDocument, Product, ProductDraft, ProductStatus, Variant } from './port.ts';

export type ProductRow = {
  id: ProductId;
  seller_id: SellerId;
  name: string;
  description: string;
  brand: string | null;
  category: string[];
  attributes: Attributes;
  images: string[];
  min_price: Paise;
  rating_avg: number;
  rating_count: number;
  status: ProductStatus;
  version: number;
  created_at: Date;
  updated_at: Date;
  variants: Variant[];
};

/** Of `products p`. */
export const PRODUCT_COLUMNS = `p.id, p.seller_id, p.name, p.description, p.brand, p.category, p.attributes, p.images,
  p.min_price, p.rating_avg::float8 as rating_avg, p.rating_count, p.status, p.version, p.created_at, p.updated_at,
  (select coalesce(json_agg(json_build_object('sku', v.sku, 'attributes', v.attributes, 'mrp', v.mrp, 'price', v.price)
                            order by v.position), '[]')
   from variants v where v.product_id = p.id and not v.retired) as variants`;

export const productOf = (row: ProductRow): Product => ({
  id: row.id,
  name: row.name,
  description: row.description,
  brand: row.brand,
  category: row.category,
  sellerId: row.seller_id,
  attributes: row.attributes,
  images: row.images,
  variants: row.variants,
  rating: { avg: row.rating_avg, count: row.rating_count },
  status: row.status,
  createdAt: row.created_at.getTime(),
  updatedAt: row.updated_at.getTime(),
  version: row.version,
});

/** What is bought is named by its variant too, where there is a choice: `Cotton Kurta (Indigo, M)`. */
export function offerOf(product: Product, variant: Variant, status: ProductStatus = product.status): OfferDocument {
  const choice = product.variants.length > 1 ? Object.values(variant.attributes).flat().join(', ') : '';
  return {
    sku: variant.sku,
    productId: product.id,
    sellerId: product.sellerId,
    name: choice === '' ? product.name : `${product.name} (${choice})`,
    unitPrice: variant.price,
    mrp: variant.mrp,
    status,
    version: product.version,
    goods: goodsOf(product, variant),
  };
}

/** For filters: lower-case name to lower-case values, of the product and of every variant. */
export function facetsOf(draft: ProductDraft): Readonly<Record<string, readonly string[]>> {
  const facets = new Map<string, Set<string>>();
  for (const attributes of [draft.attributes, ...draft.variants.map((variant) => variant.attributes)]) {
    for (const [name, value] of Object.entries(attributes)) {
      const values = facets.get(name.toLowerCase()) ?? new Set();
      for (const each of Array.isArray(value) ? value : [value]) values.add(String(each).toLowerCase());
      facets.set(name.toLowerCase(), values);
    }
  }
  return Object.fromEntries(Array.from(facets, ([name, values]) => [name, [...values]]));
}

export const lowestPrice = (variants: readonly Variant[]): Paise =>
  variants.reduce((lowest, { price }) => (price < lowest ? price : lowest), variants[0]?.price ?? (0 as Paise));
