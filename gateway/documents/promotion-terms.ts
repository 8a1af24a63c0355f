/** The terms of an offer on the wire: what operations send, and what they are shown. */
import { z } from 'zod';
import type { Paise } from '../../actors/ids.ts';
import type { OfferTerms } from '../../actors/pricing/offers/offer.ts';
import type { QuotaLimits } from '../../actors/quota/quota.ts';
import { PAYMENT_METHODS, price, sellerId, sku, text } from './scalars.ts';

const MAX_LISTED = 500;
const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

const list = <T extends z.ZodType>(of: T, most = MAX_LISTED) => z.array(of).min(1).max(most);
const name = text(80);
const moment = z.iso
  .datetime({ error: 'Must be ISO 8601 in UTC, like 2026-01-31T12:00:00Z' })
  .transform((value) => Date.parse(value));
const basisPoints = z.int().min(1).max(10_000).describe('Hundredths of a per cent: 1000 is 10 %');

export const couponCode = z
  .string()
  .trim()
  .transform((value) => value.toUpperCase())
  .pipe(z.string().regex(/^[A-Z0-9]{3,24}$/, 'Must be 3 to 24 letters and digits'))
  .describe('Letters and digits; lower case is taken as upper case');

const benefit = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('percent'), basisPoints }),
  z.strictObject({ type: z.literal('flat'), amount: price }),
  z.strictObject({
    type: z.literal('buy-x-get-y'),
    buy: z.int().min(1).max(100),
    get: z.int().min(1).max(100),
    basisPoints: basisPoints.default(10_000).describe('Off each of `get`; 10000: free'),
  }),
  z.strictObject({ type: z.literal('free-shipping') }),
]);

const scope = z
  .strictObject({
    categories: list(list(name, 8), 100).optional().describe('Paths from the root, with what is below them'),
    brands: list(name).optional(),
    sellers: list(sellerId).optional(),
    skus: list(sku).optional(),
    exceptSkus: list(sku).optional(),
  })
  .describe('Every list that is there must have the line');

const stacking = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('exclusive') }),
  z.strictObject({
    type: z.literal('stackable'),
    group: name.optional().describe('Of a group only the offer that takes off most'),
  }),
]);

export const limits = z
  .strictObject({
    uses: z.int().min(1).max(100_000_000).nullable().default(null),
    budget: price.nullable().default(null),
    perCustomer: z.int().min(1).max(1_000).nullable().default(null),
  })
  .describe('null: without limit')
  .meta({ id: 'PromotionLimits' });

export const promotionInput = z
  .strictObject({
    title: text(200),
    code: couponCode.optional().describe('A coupon; absent: whoever’s order fits has the offer'),
    benefit,
    scope: scope.default({}),
    minimum: price.optional().describe('Of what is in scope, before discounts'),
    cap: price.optional().describe('Off one order at most'),
    payment: z
      .strictObject({ methods: list(z.enum(PAYMENT_METHODS)), banks: list(name).optional() })
      .optional()
      .describe('Only when it is paid so'),
    audience: z.strictObject({ firstOrder: z.boolean().optional(), segments: list(name).optional() }).optional(),
    stacking: stacking.default({ type: 'stackable' }),
    priority: z.int().min(0).max(1_000).default(100).describe('Lower ones take their turn first'),
    startsAt: moment.optional().describe('Default: now'),
    endsAt: moment,
    fundedBy: z.enum(['platform', 'seller', 'bank']).default('platform'),
    limits: limits.default({ uses: null, budget: null, perCustomer: null }),
  })
  .refine(({ startsAt = Date.now(), endsAt }) => endsAt > startsAt && endsAt > Date.now(), {
    path: ['endsAt'],
    error: 'Must be after the start, and to come',
  })
  .refine(({ startsAt = Date.now(), endsAt }) => endsAt - startsAt <= MAX_DAYS * DAY_MS, {
    path: ['endsAt'],
    error: `At most ${MAX_DAYS} days after the start`,
  })
  .meta({
    id: 'PromotionInput',
    examples: [
      {
        title: 'A tenth off tea',
        code: 'TEA10',
        benefit: { type: 'percent', basisPoints: 1_000 },
        scope: { categories: [['Grocery', 'Tea & Coffee']] },
        minimum: 49_900,
        cap: 20_000,
        endsAt: '2026-12-31T18:30:00Z',
        limits: { uses: 100, budget: null, perCustomer: 1 },
      },
    ],
  });

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };
/** Without the fields that were not given: what is stored survives JSON as it is. */
function given<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

export function termsFrom(
  { limits: to, startsAt, scope: of, audience, payment, stacking: with_, ...rest }: z.output<typeof promotionInput>,
  at: number,
): { readonly terms: OfferTerms; readonly limits: QuotaLimits } {
  const { title, code, benefit: off, minimum, cap, priority, endsAt, fundedBy } = rest;
  const terms: OfferTerms = {
    title,
    ...given({ code, minimum, cap }),
    benefit: off,
    scope: given(of),
    ...(payment === undefined ? {} : { payment: { methods: payment.methods, ...given({ banks: payment.banks }) } }),
    ...(audience === undefined ? {} : { audience: given(audience) }),
    stacking: with_.type === 'exclusive' ? with_ : { type: 'stackable', ...given({ group: with_.group }) },
    priority,
    startsAt: startsAt ?? at,
    endsAt,
    fundedBy,
  };
  return { terms, limits: to satisfies { readonly budget: Paise | null } };
}
