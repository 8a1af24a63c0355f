/** Secrets that nobody configured: made once, kept beside the data, readable by the owner only. */
import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  jwtSecret: z.string(),
  razorpayKeyId: z.string(),
  razorpayKeySecret: z.string(),
  razorpayWebhookSecret: z.string(),
  postgresPassword: z.string(),
  // Not in files of before there were these gateways.
  payuKey: z.string().optional(),
  payuSalt: z.string().optional(),
  payLaterClientSecret: z.string().optional(),
  payLaterWebhookSecret: z.string().optional(),
});

export type Secrets = { readonly [Name in keyof z.infer<typeof secretsSchema>]-?: string };

function generate(): Secrets {
  const made = {
    jwtSecret: randomBytes(32).toString('base64url'),
    // In the form of Razorpay's own test keys, so that nothing downstream can tell.
    razorpayKeyId: `rzp_test_${randomBytes(7).toString('hex')}`,
    razorpayKeySecret: randomBytes(18).toString('base64url'),
    razorpayWebhookSecret: randomBytes(24).toString('base64url'),
    postgresPassword: randomBytes(24).toString('base64url'),
  };
  return complete(made);
}

/**
 * What an older file lacks follows from what it has: processes that start at the same time agree without writing it.
 */
function complete(kept: z.infer<typeof secretsSchema>): Secrets {
  const from = (name: string, length: number): string =>
    createHmac('sha256', kept.razorpayKeySecret).update(name).digest('base64url').slice(0, length);
  return {
    ...kept,
    payuKey: kept.payuKey ?? from('payu-key', 6),
    payuSalt: kept.payuSalt ?? from('payu-salt', 32),
    payLaterClientSecret: kept.payLaterClientSecret ?? from('pay-later-client', 32),
    payLaterWebhookSecret: kept.payLaterWebhookSecret ?? from('pay-later-webhooks', 32),
  };
}

/** Several processes may come here at once: the first to link its file wins, all others read that one. */
export function keptSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json');
  const kept = read(file);
  if (kept !== undefined) return kept;
  mkdirSync(dataDir, { recursive: true });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(generate(), null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const settled = read(file);
  if (settled === undefined) throw new Error(`${file} cannot be read`);
  return settled;
}

function read(file: string): Secrets | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const parsed = secretsSchema.safeParse(JSON.parse(text));
  if (!parsed.success)
    throw new Error(`${file} is damaged: ${z.prettifyError(parsed.error)}. Delete it to have new secrets made.`);
  return complete(parsed.data);
}
