/** How the simulator misbehaves, for tests of the receiving side: `POST /simulator/settings` (what is not given stays). */
import { z } from 'zod';

const milliseconds = z.int().min(0).max(60_000);
const count = z.int().min(0).max(1_000_000);

const webhooks = z.strictObject({
  /** Copies of each on top of the first. */
  duplicates: z.int().min(0).max(10),
  /** Every second one overtakes the one before it. */
  reorder: z.boolean(),
  delayMs: milliseconds,
  /** So many attempts are lost on the way. */
  dropNext: count,
  /** So many are never sent at all. */
  missNext: count,
});
const api = z.strictObject({
  /** Before each answer. */
  delayMs: milliseconds,
  /** So many calls are answered 503. */
  failNext: count,
  /** So many POSTs are carried out, and then their connection is cut: the caller never knows. */
  loseNext: count,
});
const refunds = z.strictObject({
  /** What the bank makes of them. */
  end: z.enum(['processed', 'failed']),
  /** 0: they are processed at once, and the answer says so. */
  afterMs: milliseconds,
});

/** What every gateway's part can be told to do wrong. */
export const trouble = { webhooks, api, refunds };
export type WebhookTrouble = z.infer<typeof webhooks>;
export type ApiTrouble = z.infer<typeof api>;
export type RefundTrouble = z.infer<typeof refunds>;

export const noTrouble = (): { webhooks: WebhookTrouble; api: ApiTrouble; refunds: RefundTrouble } => ({
  webhooks: { duplicates: 0, reorder: false, delayMs: 0, dropNext: 0, missNext: 0 },
  api: { delayMs: 0, failNext: 0, loseNext: 0 },
  refunds: { end: 'processed', afterMs: 0 },
});

const parts = {
  ...trouble,
  webhooks: webhooks.extend({
    /** What is said of a success; a merchant chooses. Razorpay's order.paid carries the order as well. */
    success: z.array(z.enum(['order.paid', 'payment.captured'])).max(2),
  }),
};

export const settingsSchema = z.strictObject({
  webhooks: parts.webhooks.partial().optional(),
  api: parts.api.partial().optional(),
  refunds: parts.refunds.partial().optional(),
});

export type SimulatorSettings = { readonly [P in keyof typeof parts]: z.infer<(typeof parts)[P]> };

export const defaultSettings = (): SimulatorSettings => {
  const { webhooks, ...others } = noTrouble();
  return { ...others, webhooks: { ...webhooks, success: ['order.paid'] } };
};
