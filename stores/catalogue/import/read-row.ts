/**
 * One row of a marketplace's product file, as messy as it comes, into a product of ours, or the reason why not.
 * Pure: the same row gives the same product, with the same id.
 */
import { createHash } from 'node:crypto';
import { type Paise, type ProductId, paise, type SellerId, type Sku } from '../../../actors/ids.ts';
import { idFrom } from '../../../config/ids.ts';
import type { Attributes, Product, ProductDraft } from '../port.ts';
import { cleanText } from './text.ts';

export const COLUMNS = [
  'uniq_id',
  'pid',
  'product_name',
  'brand',
  'category_tree',
  'retail_price',
  'discounted_price',
  'overall_rating',
  'description',
  'product_specifications',
  'image',
] as const;
export type SourceRow = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

export type RejectReason =
  | 'malformed'
  | 'id-missing'
  | 'name-missing'
  | 'price-missing'
  | 'price-invalid'
  | 'price-above-mrp'
  | 'duplicate-id'
  | 'sku-taken';

export type ReadProduct = {
  readonly id: ProductId;
  readonly sku: Sku;
  readonly draft: ProductDraft;
  readonly rating: Product['rating'];
  /** Of all that was read from the row. */
  readonly fingerprint: string;
};
export type RowResult =
  | { readonly ok: true; readonly product: ReadProduct }
  | { readonly ok: false; readonly reason: RejectReason; readonly detail: string };

/** Bump when reading changes: rows that were imported before are then written again. */
const READER = 1;
/** The time part of imported ids: any fixed instant, so that a row has the same id in every run. */
const ID_TIME = Date.UTC(2016, 0, 1);
const NAME_LENGTH = 300;
const DESCRIPTION_LENGTH = 10_000;
/** One crore rupees. Above it is a slip of the keyboard. */
const PRICE_LIMIT = 1_000_000_000;

export function readRow(row: SourceRow, sellerId: SellerId): RowResult {
  const sku = skuOf(row);
  if (sku === undefined) return rejected('id-missing', 'neither pid nor uniq_id is one word of letters and digits');
  const name = cleanText(row.product_name ?? '', NAME_LENGTH);
  if (name === '') return rejected('name-missing', 'product_name is empty');
  const prices = pricesOf(row);
  if ('reason' in prices) return prices;
  const attributes = readSpecifications(row.product_specifications ?? '');
  const category = readCategory(row.category_tree ?? '', name);
  const brand = cleanText(row.brand ?? '', 100) || String(attributes.Brand ?? '') || category.brand;
  const draft: ProductDraft = {
    name,
    description: cleanText(row.description ?? '', DESCRIPTION_LENGTH),
    brand,
    category: category.path,
    sellerId,
    attributes,
    images: readImages(row.image ?? ''),
    variants: [{ sku, attributes: {}, ...prices }],
    status: 'active',
  };
  const rating = readRating(row.overall_rating ?? '');
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([READER, draft, rating]))
    .digest('base64url');
  return { ok: true, product: { id: idFrom('prd', `import:${sku}`, ID_TIME), sku, draft, rating, fingerprint } };
}

const rejected = (reason: RejectReason, detail: string): Extract<RowResult, { ok: false }> => ({
  ok: false,
  reason,
  detail,
});

function skuOf({ pid, uniq_id: uniqueId }: SourceRow): Sku | undefined {
  return [pid, uniqueId].map((id) => (id ?? '').trim()).find((id): id is Sku => /^[A-Za-z0-9_-]{1,64}$/.test(id));
}

function pricesOf(row: SourceRow): { mrp: Paise; price: Paise } | Extract<RowResult, { ok: false }> {
  const [retail, discounted] = [row.retail_price, row.discounted_price].map((text) => (text ?? '').trim());
  if (!retail && !discounted) return rejected('price-missing', 'retail_price and discounted_price are empty');
  const mrp = readRupees(retail || discounted || '');
  const price = readRupees(discounted || retail || '');
  if (mrp === undefined || price === undefined) {
    return rejected('price-invalid', `retail_price "${retail}", discounted_price "${discounted}"`);
  }
  // Selling above the maximum retail price is against the law (Legal Metrology Act, 2009).
  if (price > mrp) return rejected('price-above-mrp', `${discounted} is more than ${retail}`);
  return { mrp, price };
}

/** `1,29,999.50` as paise, without a float on the way. undefined: not an amount above 0 and below the limit. */
export function readRupees(text: string): Paise | undefined {
  const [, whole, fraction = ''] =
    /^(?:₹|rs\.?|inr)?\s*(\d+|\d{1,3}(?:,\d{2,3})+)(?:\.(\d{1,2}))?$/i.exec(text.trim()) ?? [];
  if (whole === undefined) return undefined;
  const amount = Number(whole.replaceAll(',', '') + fraction.padEnd(2, '0'));
  return amount > 0 && amount <= PRICE_LIMIT ? paise(amount) : undefined;
}

/**
 * `["Clothing >> Caps >> Reebok Caps >> Reebok Casual Cap"]`. The last name is often the product itself, cut off or longer;
 * one before it the brand with its parent's name: those are no categories, but the latter tells a brand.
 * A tree of one name is only the product's name: `Other`.
 */
export function readCategory(text: string, productName: string): { path: readonly string[]; brand: string | null } {
  const tree = /^\s*\[\s*"([\s\S]*)"\s*\]\s*$/.exec(text)?.[1] ?? text;
  const names = tree.split('>>').map((name) => cleanText(name.replaceAll('\\"', '"'), 100));
  const path: string[] = [];
  let brand: string | null = null;
  for (const name of names.length > 1 ? names : []) {
    const parent = path.at(-1);
    if (name === '' || name.endsWith('...')) continue;
    if (parent !== undefined && (isStart(name, productName) || isStart(productName, name))) continue;
    const prefix = parent !== undefined && name.endsWith(` ${parent}`) ? name.slice(0, -parent.length).trim() : '';
    if (prefix === '' || !isStart(prefix, productName)) path.push(name);
    else brand = prefix;
  }
  return { path: path.length > 0 ? path.slice(0, 5) : ['Other'], brand };
}

const isStart = (start: string, text: string): boolean => text.toLowerCase().startsWith(start.toLowerCase());

/** Ruby's way of writing it: `{"product_specification"=>[{"key"=>"Fabric", "value"=>"Cotton"}, {"value"=>"…"}]}`. */
export function readSpecifications(text: string): Attributes {
  const attributes = new Map<string, string | readonly string[]>();
  for (const [, key = '', raw = ''] of text.matchAll(/"key"=>"((?:[^"\\]|\\.)*)",\s*"value"=>"((?:[^"\\]|\\.)*)"/g)) {
    const name = cleanText(unescaped(key), 60);
    const value = cleanText(unescaped(raw), 300);
    if (name === '' || value === '' || (attributes.size >= 40 && !attributes.has(name))) continue;
    const before = attributes.get(name) ?? [];
    const values = [...new Set([...(typeof before === 'string' ? [before] : before), value])].slice(0, 10);
    attributes.set(name, values.length === 1 ? value : values);
  }
  return Object.fromEntries(attributes);
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1');

function readImages(text: string): readonly string[] {
  const urls = text.match(/https?:\/\/[^\s"'\\,\]]+/g) ?? [];
  return [...new Set(urls)].filter((url) => url.length <= 500 && URL.canParse(url)).slice(0, 12);
}

/** The file gives an average without a count: it counts as one opinion. */
function readRating(text: string): Product['rating'] {
  const avg = /^\d(?:\.\d{1,2})?$/.test(text.trim()) ? Number(text) : 0;
  return avg >= 1 && avg <= 5 ? { avg, count: 1 } : { avg: 0, count: 0 };
}
