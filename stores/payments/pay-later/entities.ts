/**
 * The lender's format, Simpl's in kind (eligible by phone, authorised by the customer, captured on delivery, void, refund).
 * Simpl publishes none of it without a contract; so this is our own statement of it, which an adapter to theirs replaces.
 *
 *   Authorization: Bearer <client secret>; amounts are paise; times seconds since the epoch
 *   POST /v1/eligibility               {phone_number, amount_in_paise}          → {eligible, available_credit_in_paise, reason}
 *   POST /v1/transactions              {order_id, amount_in_paise, phone_number} → transaction; the same order_id: the same one
 *   GET  /v1/transactions/:id                                                    → transaction
 *   POST /v1/transactions/:id/capture  {amount_in_paise}                         → transaction; once, the same again is the same
 *   POST /v1/transactions/:id/void                                               → transaction
 *   POST /v1/transactions/:id/refunds  {refund_id, amount_in_paise}              → refund; once per refund_id
 *   errors: 4xx/5xx {code, message}
 */
import { z } from 'zod';
import { paise } from '../../../actors/ids.ts';

const amount = z.int().min(0).transform(paise);
const seconds = z.int().min(0);

export const eligibilityAnswer = z.object({
  eligible: z.boolean(),
  available_credit_in_paise: amount.optional(),
  reason: z.string().optional(),
});

export const refundEntity = z.object({
  id: z.string(),
  refund_id: z.string(),
  amount_in_paise: amount,
  status: z.enum(['pending', 'processed', 'failed']),
});
export type RefundEntity = z.infer<typeof refundEntity>;

export const transactionEntity = z.object({
  id: z.string().regex(/^txn_[A-Za-z0-9]{1,40}$/),
  order_id: z.string(),
  /** `expired`: authorised, and neither captured nor voided in time. */
  status: z.enum(['created', 'authorized', 'captured', 'voided', 'expired']),
  amount_in_paise: amount,
  captured_in_paise: amount,
  approval_url: z.url(),
  authorized_at: seconds.nullable(),
  captured_at: seconds.nullable(),
  expires_at: seconds.nullable(),
  /** What the customer or the lender declined, oldest first; the transaction stays open to another try. */
  declines: z.array(z.object({ id: z.string(), code: z.string(), description: z.string() })),
  refunds: z.array(refundEntity),
});
export type TransactionEntity = z.infer<typeof transactionEntity>;

export const webhookEntity = z.object({
  event: z.string(),
  transaction: transactionEntity,
  /** Of `refund.…`. */
  refund: refundEntity.optional(),
});
