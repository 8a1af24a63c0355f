/**
 * What we rely on of Razorpay's entities and webhook payloads; further fields are ignored. Amounts are paise, times are
 * seconds since the epoch. https://razorpay.com/docs/api/orders, /payments, /refunds, /docs/webhooks/payloads
 */
import { z } from 'zod';

/** Empty notes come as an empty array. */
const notes = z
  .union([z.record(z.string(), z.coerce.string()), z.array(z.unknown()).transform((): Record<string, string> => ({}))])
  .default({});

export const orderEntity = z.object({
  id: z.string().min(1),
  amount: z.number().int(),
  receipt: z.string().nullable().optional(),
  status: z.string(),
  notes,
});

export const paymentEntity = z.object({
  id: z.string().min(1),
  amount: z.number().int().nonnegative(),
  currency: z.literal('INR'),
  status: z.string(),
  order_id: z.string().nullable(),
  notes,
  error_code: z.string().nullable().optional(),
  error_description: z.string().nullable().optional(),
  created_at: z.number().int(),
});

export const refundEntity = z.object({
  id: z.string().min(1),
  amount: z.number().int().nonnegative(),
  payment_id: z.string(),
  status: z.enum(['pending', 'processed', 'failed']),
  notes,
});

export const refundList = z.object({ items: z.array(refundEntity) });

const entity = <T extends z.ZodType>(schema: T) => z.object({ entity: schema });

export const webhookBody = z.object({
  event: z.string(),
  created_at: z.number().int().optional(),
  payload: z
    .object({
      payment: entity(paymentEntity).optional(),
      order: entity(orderEntity).optional(),
      refund: entity(refundEntity).optional(),
    })
    .default({}),
});

export type WebhookBody = z.infer<typeof webhookBody>;
export type PaymentEntity = z.infer<typeof paymentEntity>;
export type RefundEntity = z.infer<typeof refundEntity>;
