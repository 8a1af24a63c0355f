/** A cart's lines on their way into an order: at the prices of now, and only what can still be had. */
import type { CartView } from '../../actors/cart/cart.ts';
import { homeOf } from '../../actors/checkout/buckets/survey.ts';
import type { Sku, UserId } from '../../actors/ids.ts';
import type { OrderLine } from '../../actors/order/order.ts';
import type { PricedItem } from '../../actors/pricing/request.ts';
import type { OfferDocument, Offers } from '../../stores/catalogue/port.ts';
import { type FieldError, type Refusal, refuse } from '../problems.ts';
import type { Sales } from '../sales/port.ts';
import { salePrice } from '../sales/sale-prices.ts';
import { pricedItem } from './cashier.ts';

/** `items[n]` is `lines[n]`, as the engine asks for it. */
export type CartLines = { readonly lines: readonly OrderLine[]; readonly items: readonly PricedItem[] };

/** What is not on sale any more is named. What is sold out is known here. */
export async function cartLines(
  cart: CartView,
  userId: UserId,
  offers: Offers,
  sales: Sales,
): Promise<CartLines | Refusal> {
  if (cart.lines.length === 0) return refuse('cart-empty');
  const live = await Promise.all(cart.lines.map(({ sku }) => offers.find(sku)));
  const lines: OrderLine[] = [];
  const items: PricedItem[] = [];
  const gone: FieldError[] = [];
  const soldOut: FieldError[] = [];
  const limited: FieldError[] = [];
  cart.lines.forEach(({ sku, quantity }, index) => {
    const offer = live[index];
    const path = `items[${sku}]`;
    if (offer === undefined) {
      gone.push({ path, message: 'No longer on sale' });
      return;
    }
    const inSale = sales.offerOf(sku);
    if (inSale === undefined) {
      lines.push({ sku, quantity, ...pick(offer) });
      items.push(pricedItem(offer, quantity));
      return;
    }
    const { saleId, limitPerCustomer: limit, buckets: count } = inSale;
    const unitPrice = salePrice(offer.unitPrice, inSale);
    if (inSale.soldOut) soldOut.push({ path, message: 'Sold out', sku, requested: quantity, available: 0, saleId });
    else if (quantity > limit) limited.push(overLimit(sku, quantity, limit, limit));
    else {
      lines.push({ sku, quantity, ...pick(offer), unitPrice, ledger: homeOf({ sku, saleId, count }, userId) });
      items.push(pricedItem({ ...offer, unitPrice }, quantity));
    }
  });
  if (gone.length > 0) return refuse('item-unavailable', { errors: gone });
  if (soldOut.length > 0) return refuse('out-of-stock', { errors: soldOut, extra: { soldOut: true } });
  return limited.length > 0 ? refuse('purchase-limit', { errors: limited }) : { lines, items };
}

export const overLimit = (sku: Sku, requested: number, limit: number, left: number): FieldError => ({
  path: `items[${sku}]`,
  message: `At most ${limit} for one customer, ${left} left to this one`,
  sku,
  requested,
  available: left,
  limit,
});

const pick = ({ productId, sellerId, name, unitPrice }: OfferDocument) => ({ productId, sellerId, name, unitPrice });
