/**
 * When the first claim expires, known at all times without going through them: they are counted by the second in which
 * they expire, as holds of stock are (sku/expiry.ts).
 */
import type { Instant, OrderId } from '../ids.ts';
import type { Hold, QuotaState } from './quota.ts';

/** Expiries are whole seconds, rounded up, so that the count by second is exact. */
export const wholeSecond = (at: Instant): Instant => Math.ceil(at / 1000) * 1000;

const secondOf = ({ expiresAt }: Hold): number => expiresAt / 1000;

export function addHold(state: QuotaState, orderId: OrderId, hold: Hold): void {
  state.holds[orderId] = hold;
  const second = secondOf(hold);
  state.expiring[second] = (state.expiring[second] ?? 0) + 1;
  if (state.firstExpiry === null || second < state.firstExpiry) state.firstExpiry = second;
}

export function removeHold(state: QuotaState, orderId: OrderId): Hold | undefined {
  const hold = state.holds[orderId];
  if (hold === undefined) return undefined;
  delete state.holds[orderId];
  const second = secondOf(hold);
  const left = (state.expiring[second] ?? 0) - 1;
  if (left > 0) {
    state.expiring[second] = left;
    return hold;
  }
  delete state.expiring[second];
  if (second === state.firstExpiry) state.firstExpiry = firstOf(state.expiring);
  return hold;
}

function firstOf(expiring: QuotaState['expiring']): number | null {
  let first: number | null = null;
  for (const key in expiring) if (first === null || Number(key) < first) first = Number(key);
  return first;
}

/** Goes through the claims only when at least one has expired. */
export function* expiredClaims(state: QuotaState, now: Instant): Generator<readonly [OrderId, Hold]> {
  if (state.firstExpiry === null || state.firstExpiry * 1000 > now) return;
  for (const key in state.holds) {
    const orderId = key as OrderId;
    const hold = state.holds[orderId];
    if (hold && hold.expiresAt <= now) yield [orderId, hold];
  }
}
