/**
 * What we rely on in Razorpay's answers and webhooks; everything else in them is let through unread.
 * https://razorpay.com/docs/api/orders/entity · …/api/payments/entity · …/api/refunds/entity · …/webhooks/payments
 */
import { z } from 'zod';

/** Paise. */
const amount = z.int().min(0);
/** Seconds since the epoch. */
const seconds = z.int().min(0);

/** Notes without a pair come as `[]`. */
const notes = z
  .union([z.record(z.string(), z.unknown()), z.array(z.unknown())])
  .nullish()
  .transform((given): Readonly<Record<string, unknown>> => (given == null || Array.isArray(given) ? {} : given));

export const orderEntity = z.object({
  id: z.string().regex(/^order_[A-Za-z0-9]+$/),
  amount,
  currency: z.literal('INR'),
  receipt: z.string().nullish(),
  status: z.enum(['created', 'attempted', 'paid']),
  notes,
});
export type OrderEntity = z.infer<typeof orderEntity>;

export const paymentEntity = z.object({
  id: z.string().regex(/^pay_[A-Za-z0-9]+$/),
  amount,
  currency: z.literal('INR'),
  status: z.enum(['created', 'authorized', 'captured', 'refunded', 'failed']),
  order_id: z.string().nullish(),
  card_id: z.string().nullish(),
  notes,
  error_code: z.string().nullish(),
  error_description: z.string().nullish(),
  error_reason: z.string().nullish(),
  created_at: seconds,
});
export type PaymentEntity = z.infer<typeof paymentEntity>;

export const refundEntity = z.object({
  id: z.string().regex(/^rfnd_[A-Za-z0-9]+$/),
  amount,
  payment_id: z.string(),
  status: z.enum(['pending', 'processed', 'failed']),
  notes,
});
export type RefundEntity = z.infer<typeof refundEntity>;

export const collectionOf = <T extends z.ZodType>(entity: T) => z.object({ items: z.array(entity) });

export const webhookName = z.object({ event: z.string() });

const paymentPart = z.object({ entity: paymentEntity });
const orderPart = z.object({ entity: orderEntity });

/** `payment.captured`, `payment.failed`; `order.paid` carries the order as well. */
export const paymentEvent = z.object({
  created_at: seconds.optional(),
  payload: z.object({ payment: paymentPart, order: orderPart.optional() }),
});

/** `refund.processed`, `refund.failed`. */
export const refundEvent = z.object({ payload: z.object({ refund: z.object({ entity: refundEntity }) }) });
