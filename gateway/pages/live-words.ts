/** All that is live about SKUs, in words that are equal when it is: what a prepared answer is compared by. */
import type { Sku } from '../../actors/ids.ts';
import type { Availability } from '../../stores/catalogue/port.ts';
import type { Sales } from '../sales/port.ts';

export function liveWords(skus: readonly Sku[], stock: ReadonlyMap<Sku, Availability>, sales: Sales): string {
  let words = '';
  for (const sku of skus) {
    const sale = sales.offerOf(sku);
    words += stock.get(sku) ?? '';
    words +=
      sale === undefined
        ? ';'
        : ` ${sale.saleId} ${sale.price} ${sale.endsAt} ${sale.soldOut} ${sale.limitPerCustomer};`;
  }
  return words;
}
