/** Pages without anything that changes by the minute, and what does: prices and availability. */
import { z } from 'zod';
import type { Availability, OfferDocument, Page, Product } from '../../stores/catalogue/port.ts';
import type { Sales } from '../sales/port.ts';
import { category, product } from './catalogue.ts';
import { inSale, saleMark } from './sale-mark.ts';
import { currency, isoTime, money, pageOf, sku } from './scalars.ts';

const live = z.string().describe('Where its prices and availability are');
const pageVariant = z
  .object({ sku: z.string(), attributes: z.record(z.string(), z.unknown()) })
  .meta({ id: 'PageVariant' });

export const productPage = product
  .omit({ variants: true })
  .extend({ variants: z.array(pageVariant), live })
  .meta({ id: 'ProductPage' });

const pageCard = product
  .pick({ id: true, name: true, brand: true, category: true, sellerId: true, rating: true })
  .extend({ image: z.string().nullable(), skus: z.array(z.string()) })
  .meta({ id: 'PageCard' });
export const categoryPage = z
  .object({ id: category.shape.id, path: z.array(z.string()), products: pageOf(pageCard), live })
  .meta({ id: 'CategoryPage' });

const offer = z
  .object({
    sku: z.string(),
    productId: z.string(),
    mrp: money,
    price: money,
    currency,
    availability: z.enum(['in-stock', 'low-stock', 'out-of-stock']),
    sale: saleMark,
  })
  .meta({ id: 'Offer' });
export const offerList = z.object({ data: z.array(offer), nextCursor: z.null() }).meta({ id: 'OfferList' });

const MOST_SKUS = 100;
export const offersQuery = z.strictObject({
  skus: z
    .string()
    .max(MOST_SKUS * 65)
    .transform((text) => [...new Set(text.split(','))])
    .pipe(z.array(sku).min(1).max(MOST_SKUS))
    .describe(`Up to ${MOST_SKUS}, separated by commas`),
});

const liveAt = (skus: readonly string[]): string =>
  `/api/offers?skus=${skus.slice(0, MOST_SKUS).map(encodeURIComponent).join(',')}`;

export function productPageDocument(of: Product) {
  const { variants, createdAt, updatedAt, ...rest } = of;
  return {
    ...rest,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
    variants: variants.map(({ sku: each, attributes }) => ({ sku: each, attributes })),
    live: liveAt(variants.map((each) => each.sku)),
  };
}

export function categoryPageDocument(id: string, path: readonly string[], { data, nextCursor }: Page<Product>) {
  return {
    id,
    path,
    products: {
      data: data.map((each) => ({
        id: each.id,
        name: each.name,
        brand: each.brand,
        category: each.category,
        sellerId: each.sellerId,
        rating: each.rating,
        image: each.images[0] ?? null,
        skus: each.variants.map((variant) => variant.sku),
      })),
      nextCursor,
    },
    live: liveAt(data.flatMap(({ variants }) => variants.map((variant) => variant.sku))),
  };
}

export const offerDocument = (of: OfferDocument, stock: ReadonlyMap<string, Availability>, sales: Sales) => ({
  sku: of.sku,
  productId: of.productId,
  mrp: of.mrp,
  price: of.unitPrice,
  currency: 'INR',
  availability: stock.get(of.sku) ?? 'out-of-stock',
  sale: inSale(sales, of.sku),
});
