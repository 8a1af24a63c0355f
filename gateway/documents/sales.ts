/** Flash sales on the wire. */
import { z } from 'zod';
import { MAX_BUCKETS, MAX_ITEMS } from '../../actors/flash-sale/sale.ts';
import type { SaleId } from '../../actors/ids.ts';
import type { KnownSale } from '../sales/live-sales.ts';
import type { SaleStatus } from '../sales/port.ts';
import type { ItemStock } from '../sales/stock-left.ts';
import { currency, cursor, instant, isoTime, limit, money, pageOf, price, sku, text, version } from './scalars.ts';

const MAX_UNITS = 10_000_000;
const MAX_PER_CUSTOMER = 1_000;
const MAX_DAYS = 31;
/** Orders a second that one bucket is counted with: well below what one actor can do. */
const PER_BUCKET = 2_000;
/** A good sale is over in ten seconds. */
const SOLD_IN_SECONDS = 10;
/** A bucket of fewer units than this would be dry before it is any use. */
const LEAST_PER_BUCKET = 25;

const moment = z.iso
  .datetime({ error: 'Must be ISO 8601 in UTC, like 2026-01-31T12:00:00Z' })
  .transform((value) => Date.parse(value));

const saleItem = z.strictObject({
  sku,
  price,
  units: z.int().min(1).max(MAX_UNITS).describe('Set aside for the sale from the SKU’s stock'),
  limitPerCustomer: z.int().min(1).max(MAX_PER_CUSTOMER).default(1),
  expectedPerSecond: z.int().min(1).max(1_000_000).optional().describe('Orders a second; from it come the buckets'),
  buckets: z.int().min(1).max(MAX_BUCKETS).optional().describe('How many ledgers the units are spread over'),
});

export const saleInput = z
  .strictObject({
    title: text(200),
    startsAt: moment.optional().describe('Default: as soon as the stock is set aside'),
    endsAt: moment,
    items: z
      .array(saleItem)
      .min(1)
      .max(MAX_ITEMS)
      .refine((items) => new Set(items.map((item) => item.sku)).size === items.length, {
        error: 'A SKU is there twice',
      }),
  })
  .refine(({ startsAt = Date.now(), endsAt }) => endsAt > startsAt && endsAt > Date.now(), {
    path: ['endsAt'],
    error: 'Must be after the start, and to come',
  })
  .refine(({ startsAt = Date.now(), endsAt }) => endsAt - startsAt <= MAX_DAYS * 86_400_000, {
    path: ['endsAt'],
    error: `At most ${MAX_DAYS} days after the start`,
  })
  .meta({
    id: 'SaleInput',
    examples: [
      {
        title: 'Ten at ten',
        startsAt: '2026-01-31T04:30:00Z',
        endsAt: '2026-01-31T05:30:00Z',
        items: [{ sku: 'TEA-ASSAM-250', price: 9_900, units: 500, limitPerCustomer: 2 }],
      },
    ],
  });

/** From the rate that is expected, or from the units; never so many that they begin almost empty. */
export function bucketsFor({
  units,
  buckets,
  expectedPerSecond = units / SOLD_IN_SECONDS,
}: {
  readonly units: number;
  readonly buckets?: number | undefined;
  readonly expectedPerSecond?: number | undefined;
}): number {
  if (buckets !== undefined) return Math.min(buckets, units);
  const wanted = Math.ceil(expectedPerSecond / PER_BUCKET);
  return Math.max(1, Math.min(wanted, MAX_BUCKETS, Math.floor(units / LEAST_PER_BUCKET)));
}

export const saleParams = z.object({
  id: z
    .string()
    .regex(/^sal_[A-Za-z0-9]{1,36}$/)
    .transform((value) => value as SaleId)
    .describe('`sal_…`'),
});

const STATUSES = ['preparing', 'refused', 'upcoming', 'open', 'sold-out', 'ended'] as const;
const status = z
  .enum(STATUSES)
  .describe('`preparing`: its stock is being set aside; `sold-out` may become `open` again when held units come back');

export const saleQuery = z.strictObject({ status: z.enum(STATUSES).optional(), limit, cursor });

const left = z.int().nullable().describe('Free now; null: not known, or not on');
export const sale = z
  .object({
    id: z.string(),
    title: z.string(),
    status,
    startsAt: instant,
    endsAt: instant,
    items: z.array(
      z.object({
        sku: z.string(),
        price: money,
        units: z.int(),
        limitPerCustomer: z.int(),
        soldOut: z.boolean(),
        left,
        sold: z.int().nullable(),
      }),
    ),
    currency,
    createdAt: instant,
    version,
  })
  .meta({ id: 'Sale' });

const saleCard = sale
  .omit({ items: true })
  .extend({ items: z.array(z.object({ sku: z.string(), price: money, soldOut: z.boolean() })) });
export const salePage = pageOf(saleCard.meta({ id: 'SaleCard' })).meta({ id: 'SalePage' });

export const saleEvent = z
  .object({
    id: z.string(),
    status,
    items: z.array(
      z.object({ sku: z.string(), soldOut: z.boolean(), left: left.describe('Rounded down to two digits') }),
    ),
  })
  .meta({ id: 'SaleEvent' });

export const shownStatus = ({ sale: of }: KnownSale, now: SaleStatus | undefined): z.output<typeof status> =>
  of.status === 'declared' && now !== 'ended' ? 'preparing' : (now ?? 'refused');

const headOf = ({ id, sale: of, version: at }: KnownSale, now: SaleStatus | undefined) => ({
  id,
  title: of.title,
  status: shownStatus({ id, sale: of, version: at }, now),
  startsAt: isoTime(of.startsAt),
  endsAt: isoTime(of.endsAt),
  currency: 'INR',
  createdAt: isoTime(of.declaredAt),
  version: at,
});

export function saleDocument(known: KnownSale, now: SaleStatus | undefined, stock: readonly ItemStock[]) {
  const of = new Map(stock.map((item) => [item.sku, item]));
  return {
    ...headOf(known, now),
    items: known.sale.items.map(({ sku: id, price: each, units, limitPerCustomer }) => ({
      sku: id,
      price: each,
      units,
      limitPerCustomer,
      soldOut: known.sale.soldOut.includes(id),
      left: of.get(id)?.left ?? null,
      sold: of.get(id)?.sold ?? null,
    })),
  };
}

export const saleCardDocument = (known: KnownSale, now: SaleStatus | undefined) => ({
  ...headOf(known, now),
  items: known.sale.items.map(({ sku: id, price: each }) => ({
    sku: id,
    price: each,
    soldOut: known.sale.soldOut.includes(id),
  })),
});
