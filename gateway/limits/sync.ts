/** What gateways tell each other through Redis, once a second and never while a request waits. */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { RevokedSessions } from '../auth/revoked-sessions.ts';
import type { Limiter } from './limiter.ts';
import { shareCounts } from './shared-counts.ts';

const EVERY_MS = 1_000;

type Parts = {
  readonly redis: Redis;
  readonly limiter: Limiter;
  readonly revoked: RevokedSessions;
  readonly log: Logger;
};

/** Returns how to end it. One round at a time: a Redis that hangs is not asked again until it has answered. */
export function startSync({ redis, limiter, revoked, log }: Parts): () => void {
  let running = false;
  let reachable = true;
  const round = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      await revoked.sync(redis);
      await shareCounts(limiter, redis);
      if (!reachable) log.info({ event: 'rate-limits-shared-again' });
      reachable = true;
    } catch (error) {
      // Told once: it costs precision, and the next round tries again.
      if (reachable) log.warn({ event: 'rate-limits-not-shared', error: String(error) });
      reachable = false;
    } finally {
      running = false;
    }
  };
  const timer = setInterval(() => void round(), EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
