/**
 * Every order ends. What sees to that is a timer for each, set before anything is held, and handlers that never give up
 * on setting it or on hearing it: an event that fails for a quarter of an hour becomes a dead letter, but not these two
 * steps while all that they wait for is a part of the system that is away.
 */
import type { Instant } from '../ids.ts';
import { RetryAt } from '../runtime/reactor.ts';

const RETRY_MS = 5_000;

/** A failure that asking again may mend does not count as one. */
export async function insist<T>(clock: () => Instant, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RetryAt || !isRetryable(error)) throw error;
    throw new RetryAt(clock() + RETRY_MS, `not yet: ${String(error)}`);
  }
}

const isRetryable = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true;
