import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { RevokedSessions } from '../auth/revoked-sessions.ts';
import { Limiter } from './limiter.ts';
import { shareCounts } from './shared-counts.ts';

const quota = { by: 'user', requests: 10, seconds: 60 } as const;
/** The start of a window. */
const NOON = 60_000 * 1_000;

describe('limiter', () => {
  it('lets a quota through, says what is left, and when to come back', () => {
    let now = NOON;
    const limiter = new Limiter(1, () => now);
    const verdicts = Array.from({ length: 11 }, () => limiter.take('cart', quota, 'asha'));
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
    expect(verdicts.at(-1)).toEqual({ allowed: false, remaining: 0, resetAfter: 60, retryAfter: 60 });
    expect(limiter.take('cart', quota, 'ravi').allowed).toBe(true);
    expect(limiter.take('orders', quota, 'asha').allowed).toBe(true);
    // Half a window later half of the last window still counts.
    now += 90_000;
    const later = Array.from({ length: 6 }, () => limiter.take('cart', quota, 'asha'));
    expect(later.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false]);
    now += (later.at(-1)?.retryAfter ?? 0) * 1_000;
    expect(limiter.take('cart', quota, 'asha').allowed).toBe(true);
    now += 180_000;
    expect(limiter.take('cart', quota, 'asha').remaining).toBe(9);
  });

  it('is multiplied by the factor', () => {
    const limiter = new Limiter(2.5, () => NOON);
    expect(limiter.take('cart', quota, 'asha').remaining).toBe(24);
  });
});

describe('with Redis', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(inject('redisUrl'));
  });
  afterAll(() => redis.quit());

  it('adds up what several gateways count', async () => {
    const [one, two] = [new Limiter(1), new Limiter(1)];
    const caller = `asha-${Math.random()}`;
    const wide = { ...quota, seconds: 3_600 };
    for (let i = 0; i < 4; i++) one.take('cart', wide, caller);
    for (let i = 0; i < 5; i++) two.take('cart', wide, caller);
    await shareCounts(one, redis);
    await shareCounts(two, redis);
    expect(two.peek('cart', wide, caller).remaining).toBe(0);
    expect(two.take('cart', wide, caller).allowed).toBe(true);
    expect(two.take('cart', wide, caller).allowed).toBe(false);
  });

  it('tells other gateways which sessions have ended', async () => {
    const [one, two] = [new RevokedSessions(), new RevokedSessions()];
    const session = `s-${Math.random()}`;
    one.add(session);
    expect([one.has(session), two.has(session)]).toEqual([true, false]);
    await one.sync(redis);
    await two.sync(redis);
    expect(two.has(session)).toBe(true);
  });
});
