/** Offers as operations are shown them. */
import { z } from 'zod';
import type { PromotionId } from '../../actors/ids.ts';
import type { QuotaView } from '../../actors/quota/quota.ts';
import type { KnownPromotion } from '../promotions/live-promotions.ts';
import { currency, cursor, instant, isoTime, limit, money, pageOf, version } from './scalars.ts';

const STATUSES = ['upcoming', 'active', 'paused', 'ended'] as const;
type Status = (typeof STATUSES)[number];

export const promotionParams = z.object({
  id: z
    .string()
    .regex(/^prm_[A-Za-z0-9]{1,36}$/)
    .transform((value) => value as PromotionId)
    .describe('`prm_…`'),
});

export const promotionQuery = z.strictObject({ status: z.enum(STATUSES).optional(), limit, cursor });

const names = z.array(z.string());
const basisPoints = z.int().describe('Hundredths of a per cent');
const benefit = z.discriminatedUnion('type', [
  z.object({ type: z.literal('percent'), basisPoints }),
  z.object({ type: z.literal('flat'), amount: money }),
  z.object({ type: z.literal('buy-x-get-y'), buy: z.int(), get: z.int(), basisPoints }),
  z.object({ type: z.literal('free-shipping') }),
]);
const limits = z
  .object({ uses: z.int().nullable(), budget: money.nullable(), perCustomer: z.int().nullable() })
  .describe('null: without limit');
export const promotion = z
  .object({
    id: z.string(),
    title: z.string(),
    code: z.string().nullable(),
    status: z.enum(STATUSES),
    benefit,
    scope: z.object({
      categories: z.array(names).optional(),
      brands: names.optional(),
      sellers: names.optional(),
      skus: names.optional(),
      exceptSkus: names.optional(),
    }),
    minimum: money.nullable(),
    cap: money.nullable(),
    payment: z.object({ methods: names, banks: names.optional() }).nullable(),
    audience: z.object({ firstOrder: z.boolean().optional(), segments: names.optional() }).nullable(),
    stacking: z.object({ type: z.enum(['exclusive', 'stackable']), group: z.string().optional() }),
    priority: z.int(),
    startsAt: instant,
    endsAt: instant,
    fundedBy: z.enum(['platform', 'seller', 'bank']),
    limits,
    usage: z
      .object({
        held: z.int().describe('By orders that are not paid yet'),
        confirmed: z.int(),
        spent: money,
        left: z.object({ uses: z.int().nullable(), budget: money.nullable() }),
      })
      .nullable()
      .describe('A second old at most; null: without limits, or not known now'),
    currency,
    createdAt: instant,
    version,
  })
  .meta({ id: 'Promotion' });

export const promotionPage = pageOf(promotion.omit({ usage: true }).meta({ id: 'PromotionCard' })).meta({
  id: 'PromotionPage',
});

export function statusAt({ promotion: { status, terms } }: KnownPromotion, now: number): Status {
  if (status === 'ended' || now >= terms.endsAt) return 'ended';
  if (status === 'paused') return 'paused';
  return now < terms.startsAt ? 'upcoming' : 'active';
}

export function promotionCardDocument(known: KnownPromotion, now: number) {
  const { terms, limits: to, declaredAt } = known.promotion;
  const { title, code, benefit: off, scope, minimum, cap, payment, audience, stacking, priority, fundedBy } = terms;
  return {
    id: known.id,
    title,
    code: code ?? null,
    status: statusAt(known, now),
    benefit: off,
    scope,
    minimum: minimum ?? null,
    cap: cap ?? null,
    payment: payment ?? null,
    audience: audience ?? null,
    stacking,
    priority,
    startsAt: isoTime(terms.startsAt),
    endsAt: isoTime(terms.endsAt),
    fundedBy,
    limits: to,
    currency: 'INR',
    createdAt: isoTime(declaredAt),
    version: known.version,
  };
}

export function promotionDocument(known: KnownPromotion, now: number, quota: QuotaView | undefined) {
  if (quota === undefined || quota.status === 'none') return { ...promotionCardDocument(known, now), usage: null };
  const { held, confirmed, spent, left } = quota;
  return { ...promotionCardDocument(known, now), usage: { held, confirmed, spent, left } };
}
