/** How the simulator misbehaves, for tests of the receiving side: `POST /simulator/settings`. */
import { z } from 'zod';

export const settingsSchema = z.strictObject({
  webhooks: z
    .strictObject({
      /** Copies of each on top of the first. */
      duplicates: z.number().int().min(0).max(10).default(0),
      /** Every second one overtakes the one before it. */
      reorder: z.boolean().default(false),
      delayMs: z.number().int().min(0).max(60_000).default(0),
      /** So many attempts are lost on the way. */
      dropNext: z.number().int().min(0).max(10_000).default(0),
    })
    .prefault({}),
  api: z
    .strictObject({
      /** Before each answer. */
      delayMs: z.number().int().min(0).max(60_000).default(0),
      /** So many calls are answered 503. */
      failNext: z.number().int().min(0).max(1_000_000).default(0),
    })
    .prefault({}),
});

export type SimulatorSettings = z.infer<typeof settingsSchema>;

export const defaultSettings = (): SimulatorSettings => settingsSchema.parse({});
