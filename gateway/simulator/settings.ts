/** How the simulator misbehaves, for tests of the receiving side: `POST /simulator/settings` (what is not given stays). */
import { z } from 'zod';

const milliseconds = z.int().min(0).max(60_000);
const count = z.int().min(0).max(1_000_000);

const parts = {
  webhooks: z.strictObject({
    /** What is said of a success; a merchant chooses. Razorpay's order.paid carries the order as well. */
    success: z.array(z.enum(['order.paid', 'payment.captured'])).max(2),
    /** Copies of each on top of the first. */
    duplicates: z.int().min(0).max(10),
    /** Every second one overtakes the one before it. */
    reorder: z.boolean(),
    delayMs: milliseconds,
    /** So many attempts are lost on the way. */
    dropNext: count,
  }),
  api: z.strictObject({
    /** Before each answer. */
    delayMs: milliseconds,
    /** So many calls are answered 503. */
    failNext: count,
    /** So many POSTs are carried out, and then their connection is cut: the caller never knows. */
    loseNext: count,
  }),
  refunds: z.strictObject({
    /** What the bank makes of them. */
    end: z.enum(['processed', 'failed']),
    /** 0: they are processed at once, and the answer says so. */
    afterMs: milliseconds,
  }),
};

export const settingsSchema = z.strictObject({
  webhooks: parts.webhooks.partial().optional(),
  api: parts.api.partial().optional(),
  refunds: parts.refunds.partial().optional(),
});

export type SimulatorSettings = { readonly [P in keyof typeof parts]: z.infer<(typeof parts)[P]> };

export const defaultSettings = (): SimulatorSettings => ({
  webhooks: { success: ['order.paid'], duplicates: 0, reorder: false, delayMs: 0, dropNext: 0 },
  api: { delayMs: 0, failNext: 0, loseNext: 0 },
  refunds: { end: 'processed', afterMs: 0 },
});
