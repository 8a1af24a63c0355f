/** The cart on the wire: lines at the prices of now. */
import { z } from 'zod';
import type { CartView } from '../../actors/cart/cart.ts';
import { times } from '../../actors/ids.ts';
import { totalsOf } from '../../actors/pricing/totals.ts';
import type { OfferDocument, Offers } from '../../stores/catalogue/port.ts';
import type { Sales } from '../sales/port.ts';
import { inSale, saleMark } from './sale-mark.ts';
import { currency, instant, isoTime, money, quantity, sku, version } from './scalars.ts';

export const itemToAdd = z
  .strictObject({ sku, quantity })
  .meta({ id: 'ItemToAdd', examples: [{ sku: 'TEA-ASSAM-250', quantity: 2 }] });
export const newQuantity = z.strictObject({ quantity }).meta({ id: 'NewQuantity' });
export const itemParams = z.object({ sku });

export const totals = z
  .object({
    items: money,
    discount: money,
    shipping: money,
    tax: money.describe('The part of `total` that is GST'),
    total: money.describe('items − discount + shipping'),
  })
  .meta({ id: 'Totals' });

export const cart = z
  .object({
    items: z.array(
      z.object({
        sku: z.string(),
        productId: z.string(),
        sellerId: z.string(),
        name: z.string(),
        quantity: z.int(),
        unitPrice: money,
        lineTotal: money,
        sale: saleMark,
      }),
    ),
    coupon: z.object({ code: z.string(), discount: money }).nullable(),
    totals,
    currency,
    version,
    updatedAt: instant.nullable().describe('null: never used'),
  })
  .meta({ id: 'Cart' });

/** A line that is no longer on sale keeps what was last seen; checkout refuses it. */
export async function cartDocument(view: CartView, cartVersion: number, offers: Offers, sales: Sales) {
  const live = await Promise.all(view.lines.map((line) => offers.find(line.sku)));
  const lines = view.lines.map(({ sku: id, quantity: count, offer }, index) => {
    const { productId, sellerId, name, unitPrice }: OfferDocument | typeof offer = live[index] ?? offer;
    return {
      sku: id,
      productId,
      sellerId,
      name,
      quantity: count,
      unitPrice,
      lineTotal: times(unitPrice, count),
      sale: inSale(sales, id),
    };
  });
  return {
    items: lines,
    coupon: null,
    totals: totalsOf(lines),
    currency: 'INR',
    version: cartVersion,
    updatedAt: view.updatedAt === 0 ? null : isoTime(view.updatedAt),
  };
}
