/** Orders under review as operations are shown them. */
import { z } from 'zod';
import type { OrderId } from '../../actors/ids.ts';
import type { PlacedOrder } from '../../actors/order/order.ts';
import type { Review, ReviewReason } from '../../actors/order/review.ts';
import { FRAUD_RULES } from '../../config/fraud.ts';
import type { ReviewSummary } from '../../stores/fraud/port.ts';
import { currency, cursor, instant, isoTime, limit, money, orderId, pageOf, text } from './scalars.ts';

const STATUSES = ['open', 'cleared', 'closed'] as const;

export const reviewParams = z.object({ orderId });
export const reviewQuery = z.strictObject({ status: z.enum(STATUSES).default('open'), limit, cursor });
export const reviewDecision = z
  .strictObject({
    decision: z.enum(['approve', 'reject']).describe('`reject` cancels the order and gives the money back'),
    note: text(500).describe('Why, for whoever asks later'),
  })
  .meta({ id: 'ReviewDecision', examples: [{ decision: 'approve', note: 'Spoke to the customer' }] });

export const review = z
  .object({
    orderId: z.string(),
    userId: z.string(),
    status: z.enum(STATUSES).describe('`closed`: the order ended otherwise'),
    score: z.int(),
    reasons: z.array(
      z.object({
        rule: z.string(),
        says: z.string(),
        points: z.int(),
        seen: z.number(),
        over: z.number().describe('Counts from above this'),
      }),
    ),
    total: money,
    currency,
    openedAt: instant,
    clearedBy: z.string().nullable(),
    clearedAt: instant.nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'OrderReview' });

export const reviewPage = pageOf(review).meta({ id: 'OrderReviewPage' });

const SAYS: ReadonlyMap<string, string> = new Map(FRAUD_RULES.map(({ name, says }) => [name, says]));

/** A rule that is no more still has its name. */
const explained = (reason: ReviewReason) => ({ ...reason, says: SAYS.get(reason.rule) ?? reason.rule });

export const summaryDocument = ({ reasons, openedAt, clearedAt, ...rest }: ReviewSummary) => ({
  ...rest,
  currency: 'INR' as const,
  reasons: reasons.map(explained),
  openedAt: isoTime(openedAt),
  clearedAt: clearedAt === null ? null : isoTime(clearedAt),
});

export const reviewDocument = (id: OrderId, { userId, status, totals }: PlacedOrder, of: Review) =>
  summaryDocument({
    orderId: id,
    userId,
    status: of.status === 'open' && status === 'CANCELLED' ? 'closed' : of.status,
    score: of.score,
    reasons: of.reasons,
    total: totals.total,
    openedAt: of.openedAt,
    clearedBy: of.clearedBy ?? null,
    clearedAt: of.clearedAt ?? null,
    note: of.note ?? null,
  });
