/** The cart on the wire: lines at the prices of now. */
import { z } from 'zod';
import type { CartLine, CartView } from '../../actors/cart/cart.ts';
import { paise, times } from '../../actors/ids.ts';
import type { OrderOffer } from '../../actors/order/quoted.ts';
import type { AppliedOffer } from '../../actors/pricing/request.ts';
import type { OfferDocument } from '../../stores/catalogue/port.ts';
import type { Bill } from '../pricing/cashier.ts';
import { OFFER_PROBLEMS } from '../problems.ts';
import type { Sales } from '../sales/port.ts';
import { couponCode } from './promotion-terms.ts';
import { inSale, saleMark } from './sale-mark.ts';
import { addressId, currency, instant, isoTime, money, PAYMENT_METHODS, quantity, sku, version } from './scalars.ts';

export const itemToAdd = z
  .strictObject({ sku, quantity })
  .meta({ id: 'ItemToAdd', examples: [{ sku: 'TEA-ASSAM-250', quantity: 2 }] });
export const newQuantity = z.strictObject({ quantity }).meta({ id: 'NewQuantity' });
export const itemParams = z.object({ sku });
export const couponToApply = z
  .strictObject({ code: couponCode })
  .meta({ id: 'CouponToApply', examples: [{ code: 'TEA10' }] });
export const cartQuery = z.strictObject({
  addressId: addressId.optional().describe('Where it would be sent; default: the default address'),
  method: z.enum(PAYMENT_METHODS).optional().describe('How it would be paid: offers of a method, and the fee for cash'),
});

/** An offer that counts. */
export const appliedOffer = z
  .object({ id: z.string(), code: z.string().nullable(), title: z.string(), discount: money })
  .meta({ id: 'AppliedOffer' });
export const offerDocument = ({ id, code, title, goods, shipping }: AppliedOffer | OrderOffer) => ({
  id,
  code: code ?? null,
  title,
  discount: paise(goods + shipping),
});

export const totals = z
  .object({
    items: money,
    discount: money.describe('Off the items'),
    shipping: money.describe('After offers, with the fee for cash'),
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
        lineTotal: money.describe('Before offers'),
        discount: money.describe('What offers take off it'),
        sale: saleMark,
      }),
    ),
    coupon: z
      .object({
        code: z.string(),
        discount: money,
        problem: z.enum(OFFER_PROBLEMS).nullable().describe('Why it takes nothing off now'),
        missing: money.nullable().describe('`below-minimum`: by how much'),
      })
      .nullable(),
    offers: z.array(appliedOffer).describe('All that count, the coupon too'),
    totals,
    currency,
    version,
    updatedAt: instant.nullable().describe('null: never used'),
  })
  .meta({ id: 'Cart' });

/** A line as it is now; one that is no longer on sale keeps what was last seen, and checkout refuses it. */
export type ShownLine = { readonly line: CartLine; readonly offer: OfferDocument | CartLine['offer'] };

/** `bill`: of these lines. */
export function cartDocument(
  view: CartView,
  cartVersion: number,
  lines: readonly ShownLine[],
  bill: Bill,
  sales: Sales,
) {
  const { quote, coupon } = bill;
  return {
    items: lines.map(({ line, offer: { productId, sellerId, name, unitPrice } }, index) => {
      const lineTotal = times(unitPrice, line.quantity);
      return {
        sku: line.sku,
        productId,
        sellerId,
        name,
        quantity: line.quantity,
        unitPrice,
        lineTotal,
        discount: paise(lineTotal - (quote.lines[index]?.net ?? lineTotal)),
        sale: inSale(sales, line.sku),
      };
    }),
    coupon:
      coupon === undefined
        ? null
        : {
            code: coupon.code,
            discount: coupon.discount,
            problem: coupon.problem ?? null,
            missing: coupon.missing ?? null,
          },
    offers: quote.offers.applied.map(offerDocument),
    totals: quote.totals,
    currency: 'INR',
    version: cartVersion,
    updatedAt: view.updatedAt === 0 ? null : isoTime(view.updatedAt),
  };
}
