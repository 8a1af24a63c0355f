/** Products and categories on the wire. */
import { z } from 'zod';
import type { Availability, CategoryNode, Product } from '../../stores/catalogue/port.ts';
import { NO_SALES, type Sales } from '../sales/port.ts';
import { attributes } from './json-values.ts';
import { inSale, saleMark } from './sale-mark.ts';
import {
  currency,
  cursor,
  instant,
  isCleanText,
  isoTime,
  limit,
  money,
  pageOf,
  price,
  productId,
  queryPrice,
  sellerId,
  sku,
  text,
  version,
} from './scalars.ts';

const variantInput = z
  .strictObject({ sku, attributes: attributes.default({}), mrp: price, price })
  .refine((variant) => variant.mrp >= variant.price, { path: ['price'], error: 'Must not be above mrp' });

export const productInput = z
  .strictObject({
    name: text(300),
    description: text(10_000, 0),
    brand: text(100).nullable().default(null),
    category: z.array(text(100)).min(1).max(6).describe('From the root: `["Electronics", "Mobiles"]`'),
    sellerId: sellerId.optional().describe('For admins; a seller’s products are their own'),
    attributes: attributes.default({}),
    images: z
      .array(z.url({ protocol: /^https?$/ }).max(2_000))
      .max(20)
      .default([]),
    variants: z
      .array(variantInput)
      .min(1)
      .max(100)
      .refine((variants) => new Set(variants.map((each) => each.sku)).size === variants.length, {
        error: 'A SKU is there twice',
      }),
    status: z.enum(['draft', 'active', 'archived']).default('active'),
  })
  .meta({
    id: 'ProductInput',
    examples: [
      {
        name: 'Assam tea',
        description: 'Second flush, orthodox.',
        brand: 'Haat',
        category: ['Grocery', 'Tea'],
        variants: [{ sku: 'TEA-ASSAM-250', attributes: { weight: '250 g' }, mrp: 24_900, price: 19_900 }],
      },
    ],
  });

const ATTRIBUTE_FILTER = /^attr\.[^\s]{1,60}$/u;
/** `attr.<name>=` are as many as there are attributes; any other unknown parameter is refused. */
export const productQuery = z
  .object({
    category: text(200).optional().describe('Id of a category, or the name of one at the top'),
    brand: text(100).optional(),
    sellerId: sellerId.optional(),
    minPrice: queryPrice.optional(),
    maxPrice: queryPrice.optional(),
    sort: z.enum(['newest', 'price-asc', 'price-desc', 'rating']).optional(),
    limit,
    cursor,
  })
  .catchall(z.string().max(200).refine(isCleanText, { error: 'Has characters that cannot be stored' }))
  .superRefine((query, context) => {
    const others = Object.keys(query).filter((key) => !KNOWN.has(key));
    if (others.length > 20) context.addIssue({ code: 'custom', message: 'At most 20 attribute filters', path: [] });
    const keys = others.filter((key) => !ATTRIBUTE_FILTER.test(key) || !isCleanText(key));
    if (keys.length > 0) context.addIssue({ code: 'unrecognized_keys', keys, input: query });
  });
const KNOWN = new Set(['category', 'brand', 'sellerId', 'minPrice', 'maxPrice', 'sort', 'limit', 'cursor']);

/** `attr.colour=red` → `{colour: 'red'}`. */
export const attributeFilters = (query: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([key, value]) =>
      key.startsWith('attr.') && typeof value === 'string' ? [[key.slice('attr.'.length), value]] : [],
    ),
  );

export const productParams = z.object({ id: productId });
export const categoryParams = z.object({
  id: z.string().min(1).max(200).refine(isCleanText),
});
export const categoryProductsQuery = z.strictObject({
  sort: z.enum(['newest', 'price-asc', 'price-desc', 'rating']).optional(),
  limit,
  cursor,
});

const variant = z
  .object({
    sku: z.string(),
    attributes: z.record(z.string(), z.unknown()),
    mrp: money,
    price: money,
    currency,
    availability: z.enum(['in-stock', 'low-stock', 'out-of-stock']),
    sale: saleMark,
  })
  .meta({ id: 'Variant' });

export const product = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    brand: z.string().nullable(),
    category: z.array(z.string()),
    sellerId: z.string(),
    attributes: z.record(z.string(), z.unknown()),
    images: z.array(z.string()),
    variants: z.array(variant),
    rating: z.object({ avg: z.number(), count: z.int() }),
    status: z.enum(['draft', 'active', 'archived']),
    createdAt: instant,
    updatedAt: instant,
    version,
  })
  .meta({ id: 'Product' });

const card = product
  .pick({ id: true, name: true, brand: true, category: true, sellerId: true, rating: true, status: true })
  .extend({
    image: z.string().nullable(),
    sku: z.string().nullable().describe('The cheapest variant'),
    mrp: money.nullable(),
    price: money.nullable(),
    currency,
    availability: z.enum(['in-stock', 'low-stock', 'out-of-stock']).describe('The best of its variants'),
  })
  .meta({ id: 'ProductCard' });
export const cardPage = pageOf(card).meta({ id: 'ProductCardPage' });
export const variantList = z.object({ data: z.array(variant), nextCursor: z.null() }).meta({ id: 'VariantList' });

export const category = z
  .object({
    id: z.string(),
    name: z.string(),
    productCount: z.int(),
    get children() {
      return z.array(category);
    },
  })
  .meta({ id: 'Category' });
export const categoryTree = z.object({ data: z.array(category), nextCursor: z.null() }).meta({ id: 'CategoryTree' });

type Stock = ReadonlyMap<string, Availability>;

export const variantDocuments = (of: Product, stock: Stock, sales: Sales = NO_SALES) =>
  of.variants.map((each) => ({
    sku: each.sku,
    attributes: each.attributes,
    mrp: each.mrp,
    price: each.price,
    currency: 'INR',
    availability: stock.get(each.sku) ?? 'out-of-stock',
    sale: inSale(sales, each.sku),
  }));

export const productDocument = (of: Product, stock: Stock, sales: Sales = NO_SALES) => ({
  id: of.id,
  name: of.name,
  description: of.description,
  brand: of.brand,
  category: of.category,
  sellerId: of.sellerId,
  attributes: of.attributes,
  images: of.images,
  variants: variantDocuments(of, stock, sales),
  rating: of.rating,
  status: of.status,
  createdAt: isoTime(of.createdAt),
  updatedAt: isoTime(of.updatedAt),
  version: of.version,
});

const BEST_FIRST = ['in-stock', 'low-stock', 'out-of-stock'] as const;

export function cardDocument(of: Product, stock: Stock) {
  const cheapest = of.variants.toSorted((a, b) => a.price - b.price)[0];
  const states = of.variants.map((each) => stock.get(each.sku));
  return {
    id: of.id,
    name: of.name,
    brand: of.brand,
    category: of.category,
    sellerId: of.sellerId,
    rating: of.rating,
    status: of.status,
    image: of.images[0] ?? null,
    sku: cheapest?.sku ?? null,
    mrp: cheapest?.mrp ?? null,
    price: cheapest?.price ?? null,
    currency: 'INR',
    availability: BEST_FIRST.find((state) => states.includes(state)) ?? 'out-of-stock',
  };
}

export const categoryDocuments = (nodes: readonly CategoryNode[]) => ({ data: nodes, nextCursor: null });
