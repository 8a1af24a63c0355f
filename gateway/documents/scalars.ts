/** What single values may be, at the edge: parsed here once into the branded types of actors/ids.ts. */
import { z } from 'zod';
import type {
  AddressId,
  OrderId,
  Paise,
  Pincode,
  ProductId,
  ReturnId,
  SellerId,
  Sku,
  UserId,
  WarehouseId,
} from '../../actors/ids.ts';

/** Control characters (NUL above all) and lone surrogates cannot be stored as text; nobody types them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
export const isCleanText = (text: string): boolean => text.isWellFormed() && !CONTROL.test(text);

/** Trimmed, then `min` to `max` characters. */
export const text = (max: number, min = 1) =>
  z
    .string()
    .trim()
    .min(min, min === 1 ? 'Must not be empty' : `Must have at least ${min} characters`)
    .max(max, `Must have at most ${max} characters`)
    .refine(isCleanText, { error: 'Has characters that cannot be stored' });

const id = <T extends string>(prefix: string, of: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[A-Za-z0-9]{1,64}$`), `Must be the id of ${of}`)
    .transform((value) => value as T);

export const PAYMENT_METHODS = ['upi', 'card', 'netbanking', 'paylater', 'wallet', 'cod'] as const;

export const orderId = id<OrderId>('ord', 'an order').describe('`ord_…`');
export const addressId = id<AddressId>('adr', 'an address').describe('`adr_…`');
export const returnId = id<ReturnId>('ret', 'a return').describe('`ret_…`');
/** Imported products keep ids of their own making. */
export const productId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,80}$/)
  .transform((value) => value as ProductId)
  .describe('`prd_…`');
export const sellerId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,80}$/, 'Must be the id of a seller')
  .transform((value) => value as SellerId)
  .describe('`sel_…`');
/** `me`, or an id. */
export const userIdOrMe = z
  .string()
  .regex(/^(?:me|usr_[A-Za-z0-9]{1,64})$/)
  .transform((value) => value as UserId | 'me')
  .describe('`usr_…`, or `me` for the caller');
export const sku = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'Must be 1 to 64 of A-Z a-z 0-9 _ -')
  .transform((value) => value as Sku)
  .describe('Stock keeping unit');
export const warehouseId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .transform((value) => value as WarehouseId);

/** India Post: six digits, the first not 0. */
export const pincode = z
  .string()
  .regex(/^[1-9][0-9]{5}$/, 'Must be six digits, the first not 0')
  .transform((value) => value as Pincode);
/** E.164; India: +91 and ten digits that start with 6 to 9. */
export const phone = z
  .string()
  .regex(/^\+(?:91[6-9][0-9]{9}|(?!91)[1-9][0-9]{6,14})$/, 'Must be E.164, for India +91 and ten digits from 6 to 9');
export const email = z
  .string()
  .trim()
  .max(254, 'Must have at most 254 characters')
  .pipe(z.email('Must be an e-mail address'));

/** ₹100 crore: above any price, far below what a list of them could overflow. */
const MAX_PRICE = 100_000_000_000;
const asPaise = (value: number): Paise => value as Paise;
export const price = z.int().min(1).max(MAX_PRICE).transform(asPaise).describe('Paise');

/** Units; the bound keeps numbers sane, the cart's own limit is the actor's. */
export const quantity = z.int('Must be a whole number').min(1, 'Must be at least 1').max(1_000_000);

/** Integers in a query string, digits only. */
export const queryInteger = (min: number, max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,15}$/, 'Must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
export const queryPrice = queryInteger(0, MAX_PRICE).transform(asPaise);

export const limit = queryInteger(1, 100).default(20).describe('1 to 100, default 20');
export const cursor = z.string().min(1).max(1_000).optional().describe('`nextCursor` of the page before');

/** Of answers. */
export const instant = z.iso.datetime().describe('ISO 8601, UTC, milliseconds');
export const money = z.int().describe('Paise');
export const version = z.int().min(0).describe('Counts up with every change; `ETag` holds it');
export const currency = z.literal('INR');

export const isoTime = (at: number): string => new Date(at).toISOString();

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() });
