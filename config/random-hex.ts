/** Random ids by the thousand: one system call fills many. */
import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(8_192);
let used = pool.length;

/** From the system's secure source; `bytes` of at most 8,192. */
export function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const hex = pool.toString('hex', used, used + bytes);
  // Given out once: nothing of it stays in memory.
  pool.fill(0, used, used + bytes);
  used += bytes;
  return hex;
}
