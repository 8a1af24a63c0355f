/**
 * What we rely on in PayU's answers; everything else in them is let through unread.
 * https://docs.payu.in/reference/verify_payment_api · …/refund_transaction_api · …/check_action_status_api_with_payu_id
 */
import { z } from 'zod';
import { paiseOf } from './rupees.ts';

/** Numbers come as text or as numbers; a long one as a number has lost digits, and is not relied on. */
const text = z.union([z.string(), z.number().transform(String)]);
const amount = text.transform((given, context) => {
  const paise = paiseOf(given);
  if (paise !== undefined) return paise;
  context.addIssue({ code: 'custom', message: 'not an amount' });
  return z.NEVER;
});
const maybe = text.nullish().transform((given) => given ?? '');

/** What is not there is told as text instead of an object, or with `Not Found` in it. */
const orNothing = <T extends z.ZodType>(schema: T) =>
  z.union([
    schema,
    z.string().transform(() => undefined),
    z.looseObject({ status: z.literal('Not Found') }).transform(() => undefined),
  ]);

const transaction = z.object({
  mihpayid: z.string(),
  status: z.string(),
  unmappedstatus: maybe,
  /** What we asked for; `amt` holds additional charges too, if the customer paid some. */
  transaction_amount: amount.optional(),
  amt: amount,
  addedon: maybe,
  error_code: maybe,
  error_Message: maybe,
  field9: maybe,
});
export type Transaction = z.infer<typeof transaction>;

const details = <T extends z.ZodType>(schema: T) =>
  z.object({
    status: z.union([z.number(), z.string()]),
    msg: maybe,
    // An empty list is what PHP makes of an empty object.
    transaction_details: z
      .union([
        z.record(z.string(), schema),
        z
          .array(z.unknown())
          .length(0)
          .transform(() => undefined),
      ])
      .optional(),
  });

export const verifyAnswer = details(orNothing(transaction));

const action = z.object({
  mihpayid: text,
  request_id: text,
  action: z.string(),
  token: maybe,
  status: z.string(),
  amt: amount,
});
export type Action = z.infer<typeof action>;

/** By transaction, then by request. */
export const actionsAnswer = details(orNothing(z.record(z.string(), action)));

export const refundAnswer = z.object({
  status: z.union([z.number(), z.string()]),
  msg: maybe,
  request_id: maybe,
  error_code: maybe,
});

/** Of a refund that went wrong nothing was given back; all else is done, or on its way. */
export const isFailedRefund = ({ status }: Action): boolean => /^(failure|failed)$/i.test(status);
export const isDoneRefund = ({ status }: Action): boolean => /^success$/i.test(status);
