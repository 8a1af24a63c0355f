import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 14;
const pool = Buffer.alloc(LENGTH * 512);
let used = pool.length;

/** `order_`, `pay_`, `rfnd_` … and 14 letters and digits, as Razorpay's are. */
export function gatewayId(prefix: 'order' | 'pay' | 'rfnd' | 'evt'): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let body = '';
  for (const end = used + LENGTH; used < end; used += 1) body += ALPHABET[(pool[used] ?? 0) % ALPHABET.length];
  return `${prefix}_${body}`;
}
