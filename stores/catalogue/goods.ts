/**
 * What a product is for tax and courier. A seller says so in the product's attributes `HSN` (four to eight digits) and
 * `Weight (g)`, the product's or a variant's own; else the HSN goes by the category, and a weight is assumed.
 */
import { hsnOfCategory } from '../../actors/pricing/tax/classification.ts';
import { rateAt } from '../../actors/pricing/tax/gst.ts';
import { UNCLASSIFIED } from '../../actors/pricing/tax/rates.ts';
import type { OfferDocument, OfferedGoods, Product, Variant } from './port.ts';
import { sellerById } from './sellers.ts';

const HSN = /^[0-9]{4,8}$/;
const HEAVIEST_GRAMS = 100_000;
const ASSUMED_GRAMS = 500;

export function goodsOf(product: Product, variant: Variant): OfferedGoods {
  const { brand, category, sellerId } = product;
  const said = { ...product.attributes, ...variant.attributes };
  const { state, dispatch } = sellerById(sellerId);
  return {
    brand,
    category,
    hsn: statedHsn(said.HSN, product.updatedAt) ?? hsnOfCategory(category) ?? UNCLASSIFIED,
    grams: statedGrams(said['Weight (g)']) ?? ASSUMED_GRAMS,
    sellerState: state,
    origin: dispatch,
  };
}

/** Of an offer that was published without: as if nothing but its seller were known. */
export function goodsUnknown({ sellerId }: Pick<OfferDocument, 'sellerId'>): OfferedGoods {
  const { state, dispatch } = sellerById(sellerId);
  return {
    brand: null,
    category: [],
    hsn: UNCLASSIFIED,
    grams: ASSUMED_GRAMS,
    sellerState: state,
    origin: dispatch,
  };
}

/** undefined: not one, or one whose rate nobody knows; a price has to be made all the same. */
function statedHsn(value: unknown, at: number): string | undefined {
  const hsn = String(value ?? '').replaceAll(' ', '');
  return HSN.test(hsn) && rateAt(hsn, at) !== undefined ? hsn : undefined;
}

function statedGrams(value: unknown): number | undefined {
  const grams = Math.ceil(Number(value ?? Number.NaN));
  return grams >= 1 && grams <= HEAVIEST_GRAMS ? grams : undefined;
}
