/** While a sale is on its price is the price, in the cart and on the product's page. */

import type { Paise, Sku } from '../../actors/ids.ts';
import type { Availability, Catalogue, OfferDocument, Offers, Product, Variant } from '../../stores/catalogue/port.ts';
import type { SaleOffer, Sales } from './port.ts';

/** A seller may have gone below it since the sale was declared: nobody pays more for buying in a sale. */
export const salePrice = (usual: Paise, { price }: Pick<SaleOffer, 'price'>): Paise => (price < usual ? price : usual);

export function withSalePrices(offers: Offers, sales: Sales): Offers {
  return {
    async find(sku) {
      const offer = await offers.find(sku);
      const inSale = offer === undefined ? undefined : sales.offerOf(sku);
      return offer === undefined || inSale === undefined
        ? offer
        : ({ ...offer, unitPrice: salePrice(offer.unitPrice, inSale) } satisfies OfferDocument);
    },
  };
}

/** For reading: what is written by a seller is never the price of a sale. */
export function withSales(catalogue: Catalogue, sales: Sales): Catalogue {
  const priced = (variant: Variant): Variant => {
    const inSale = sales.offerOf(variant.sku);
    return inSale === undefined ? variant : { ...variant, price: salePrice(variant.price, inSale) };
  };
  /** The same object while its prices are the same: pages are prepared for it. */
  const known = new WeakMap<Product, Product>();
  const shown = (product: Product): Product => {
    if (product.variants.every(({ sku }) => sales.offerOf(sku) === undefined)) return product;
    const variants = product.variants.map(priced);
    const last = known.get(product);
    if (last?.variants.every(({ price }, index) => price === variants[index]?.price)) return last;
    const now = { ...product, variants };
    known.set(product, now);
    return now;
  };
  return {
    ...catalogue,
    async product(id) {
      const product = await catalogue.product(id);
      return product === undefined ? undefined : shown(product);
    },
    async list(filter, page) {
      const found = await catalogue.list(filter, page);
      return { ...found, data: found.data.map(shown) };
    },
    async availability(skus) {
      const stock = new Map<Sku, Availability>(await catalogue.availability(skus));
      for (const sku of skus) {
        const inSale = sales.offerOf(sku);
        if (inSale !== undefined) stock.set(sku, inSale.soldOut ? 'out-of-stock' : 'in-stock');
      }
      return stock;
    },
  };
}
