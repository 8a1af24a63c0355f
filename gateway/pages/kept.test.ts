import { describe, expect, it } from 'vitest';
import { Kept, TIMES } from './kept.ts';

/** A clock to turn, and a source that counts, waits and fails as it is told. */
function setUp(capacity = 1_000_000) {
  let now = 1_000_000;
  let reads = 0;
  let failure: Error | undefined;
  const results: string[] = [];
  const kept = new Kept<string>({
    capacity,
    weigh: (value) => value.length,
    now: () => now,
    onResult: (result) => results.push(result),
  });
  return {
    kept,
    results,
    get: (key = 'a', value = `${key}${reads + 1}`) =>
      kept.get(key, async () => {
        reads += 1;
        if (failure !== undefined) throw failure;
        return value;
      }),
    absent: () =>
      kept.get('none', async () => {
        reads += 1;
        return undefined;
      }),
    pass(ms: number) {
      now += ms;
    },
    fail(error: Error | undefined) {
      failure = error;
    },
    reads: () => reads,
  };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('kept', () => {
  it('is read once for all who want it at the same time, and then not for five minutes', async () => {
    const { get, reads, pass, results } = setUp();
    expect(new Set(await Promise.all([get(), get(), get()]))).toEqual(new Set(['a1']));
    pass(TIMES.fresh - 1);
    expect(await get()).toBe('a1');
    expect(reads()).toBe(1);
    expect(results).toEqual(['read', 'read', 'read', 'fresh']);
  });

  it('is served stale while one reads it anew', async () => {
    const { get, reads, pass } = setUp();
    await get();
    pass(TIMES.fresh + 1);
    expect(await Promise.all([get(), get(), get()])).toEqual(['a1', 'a1', 'a1']);
    await settled();
    expect(await get()).toBe('a2');
    expect(reads()).toBe(2);
  });

  it('is waited for when it is too old, or known to have changed', async () => {
    const { kept, get, pass } = setUp();
    await get();
    pass(TIMES.fresh + TIMES.whileRevalidating + 1);
    expect(await get()).toBe('a2');
    kept.changed('a');
    expect(await get()).toBe('a3');
    kept.changedWhere((value) => value === 'a3');
    expect(await get()).toBe('a4');
    kept.changedWhere((value) => value === 'something else');
    expect(await get()).toBe('a4');
  });

  it('is served once more when in doubt', async () => {
    const { kept, get } = setUp();
    await get();
    kept.doubt();
    expect(await get()).toBe('a1');
    await settled();
    expect(await get('a')).toBe('a2');
  });

  it('is served stale for an hour when it cannot be read, and asked for once a second at most', async () => {
    const { get, fail, pass, reads, results } = setUp();
    await get();
    fail(new Error('the database is away'));
    pass(TIMES.fresh + 1);
    for (let n = 0; n < 10; n++) {
      expect(await get()).toBe('a1');
      await settled();
    }
    expect(reads()).toBe(2);
    pass(TIMES.whileRevalidating);
    expect(await get()).toBe('a1');
    expect(results.at(-1)).toBe('stale-on-error');
    pass(TIMES.onError);
    await expect(get()).rejects.toThrow('away');
    await expect(get('b')).rejects.toThrow('away');
  });

  it('is not waited for again where the last try failed', async () => {
    const { kept, get, fail } = setUp();
    await get();
    kept.changed('a');
    fail(new Error('the database is away'));
    expect(await get()).toBe('a1');
    const never = new Promise<string>(() => undefined);
    expect(await kept.get('a', () => never)).toBe('a1');
  });

  it('does not keep what was read before a change', async () => {
    const { kept } = setUp();
    const { promise, resolve: finish } = Promise.withResolvers<string>();
    const early = kept.get('a', () => promise);
    await settled();
    kept.changed('a');
    const late = kept.get('a', async () => 'new');
    finish('old');
    expect([await early, await late]).toEqual(['old', 'new']);
    expect(await kept.get('a', async () => 'unread')).toBe('new');
  });

  it('believes for a moment that there is none', async () => {
    const { absent, pass, reads, kept } = setUp();
    expect([await absent(), await absent()]).toEqual([undefined, undefined]);
    expect(reads()).toBe(1);
    pass(TIMES.absent);
    await absent();
    kept.changed('none');
    await absent();
    expect(reads()).toBe(3);
  });

  it('holds so many bytes, and forgets what was used longest ago', async () => {
    const { get, reads } = setUp(2_500);
    const big = 'x'.repeat(900);
    for (const key of ['a', 'b', 'a', 'c']) await get(key, big);
    expect(reads()).toBe(3);
    await get('a', big);
    expect(reads()).toBe(3);
    await get('b', big);
    expect(reads()).toBe(4);
  });
});
