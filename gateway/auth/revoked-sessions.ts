/**
 * Sessions that ended while their access tokens still run: by logout, or because a refresh token was used twice.
 * This gateway refuses them at once; others within a second, through Redis; without Redis, when the token is over
 * (15 minutes at most). The refresh token is dead everywhere at once, as that is decided in PostgreSQL.
 */
import type { Redis } from 'ioredis';
import { ACCESS_TOKEN_SECONDS } from './access-tokens.ts';

const KEY = 'haat:revoked-sessions';
const KEPT_MS = ACCESS_TOKEN_SECONDS * 1_000;
/** Looked at again with every sync, for what a slower clock wrote late. */
const OVERLAP_MS = 10_000;
const MAX_KEPT = 100_000;

export class RevokedSessions {
  /** Session → when it may be forgotten; oldest first. */
  readonly #until = new Map<string, number>();
  #toTell: string[] = [];
  #seenUntil = 0;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(sessionId: string): void {
    this.#remember(sessionId);
    if (this.#toTell.length < MAX_KEPT) this.#toTell.push(sessionId);
  }

  has(sessionId: string): boolean {
    return this.#until.size > 0 && (this.#until.get(sessionId) ?? 0) > this.#now();
  }

  /** Tells the other gateways and hears from them. Rejects when Redis does; then nothing is lost, only late. */
  async sync(redis: Redis): Promise<void> {
    const now = this.#now();
    const told = this.#toTell;
    const pipeline = redis.pipeline();
    for (const sessionId of told) pipeline.zadd(KEY, now, sessionId);
    pipeline.zremrangebyscore(KEY, '-inf', now - KEPT_MS);
    pipeline.zrangebyscore(KEY, this.#seenUntil - OVERLAP_MS, '+inf');
    const results = await pipeline.exec();
    const last = results?.at(-1);
    if (last === undefined || last[0] !== null || !Array.isArray(last[1])) throw last?.[0] ?? new Error('no answer');
    for (const sessionId of last[1]) if (typeof sessionId === 'string') this.#remember(sessionId);
    this.#toTell = this.#toTell.slice(told.length);
    this.#seenUntil = now;
  }

  #remember(sessionId: string): void {
    if (!this.#until.has(sessionId)) this.#until.set(sessionId, this.#now() + KEPT_MS);
    for (const [oldest, until] of this.#until) {
      if (until > this.#now() && this.#until.size <= MAX_KEPT) break;
      this.#until.delete(oldest);
    }
  }
}
