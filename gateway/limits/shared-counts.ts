/**
 * Merges the counts of several gateways through Redis, off the request path: each adds what it has counted and
 * takes over the sum. Losing Redis costs the sum, never a request.
 */
import type { Redis } from 'ioredis';
import type { Entry, Limiter } from './limiter.ts';

/** A second's work at most; what is over waits for the next. */
const MAX_PER_SYNC = 5_000;

export async function shareCounts(limiter: Limiter, redis: Redis): Promise<void> {
  const entries = limiter.drainBusy().slice(0, MAX_PER_SYNC);
  if (entries.length === 0) return;
  const told = entries.map((entry) => ({ entry, window: entry.window, count: entry.untold }));
  const pipeline = redis.pipeline();
  for (const { entry, window, count } of told) {
    const key = `haat:limit:${entry.key}:${window}`;
    pipeline.incrby(key, count);
    pipeline.pexpire(key, 2 * entry.windowMs);
  }
  const results = (await pipeline.exec()) ?? [];
  told.forEach(({ entry, window, count }, index) => {
    const [error, total] = results[2 * index] ?? [new Error('no answer'), undefined];
    if (error === null && typeof total === 'number') merge(entry, window, count, total);
  });
}

function merge(entry: Entry, window: number, told: number, total: number): void {
  if (entry.window !== window) return;
  entry.untold -= told;
  // What came in while Redis was asked is not in its sum yet.
  entry.count = Math.max(entry.count, total + entry.untold);
}
