/**
 * `X-Pay-Later-Signature: t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<body>`. The time is of the sending, so that a
 * message that was caught cannot be played again later: what is older than the window is not believed.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export const SIGNATURE_HEADER = 'x-pay-later-signature';
/** Either way: clocks differ. */
export const REPLAY_WINDOW_S = 300;

const digest = (secret: string, at: string, body: Buffer | string): Buffer =>
  createHmac('sha256', secret).update(`${at}.`).update(body).digest();

export const sign = (secret: string, atSeconds: number, body: string): string =>
  `t=${atSeconds},v1=${digest(secret, String(atSeconds), body).toString('hex')}`;

export function isSigned(
  body: Buffer,
  signature: string | string[] | undefined,
  secrets: readonly string[],
  nowMs: number,
): boolean {
  const [, at, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(String(signature ?? '')) ?? [];
  if (at === undefined || hex === undefined) return false;
  const given = Buffer.from(hex, 'hex');
  let good = false;
  for (const secret of secrets) {
    // All are tried, so that the time does not tell which one it was.
    if (timingSafeEqual(digest(secret, at, body), given)) good = true;
  }
  return good && Math.abs(nowMs / 1_000 - Number(at)) <= REPLAY_WINDOW_S;
}
