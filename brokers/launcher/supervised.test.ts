import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { type Running, Supervised } from './supervised.ts';

type Fake = Running & { die(): void };

function world({ failing = 0 } = {}) {
  const seen = { launches: 0, stopped: 0, downs: [] as number[], failures: 0, latest: undefined as Fake | undefined };
  let toFail = failing;
  const launch = async (): Promise<Fake> => {
    seen.launches++;
    if (seen.launches > 1 && toFail-- > 0) throw new Error('not yet');
    const ended = Promise.withResolvers<{ code: number; signal: null }>();
    const fake = {
      pid: seen.launches,
      exited: ended.promise,
      die: () => ended.resolve({ code: 1, signal: null }),
      stop: async () => {
        seen.stopped++;
        ended.resolve({ code: 0, signal: null });
      },
    };
    seen.latest = fake;
    return fake;
  };
  const supervised = new Supervised<Fake>(launch, {
    down: (_was, _why, retryInMs) => seen.downs.push(retryInMs),
    up: () => undefined,
    failed: () => seen.failures++,
  });
  return { seen, supervised };
}

test('what dies is started again, also when the first attempts fail', async () => {
  const { seen, supervised } = world({ failing: 2 });
  (await supervised.start()).die();
  await eventually(() => seen.latest?.pid === 4);
  expect(seen).toMatchObject({ launches: 4, failures: 2, stopped: 0 });
  await supervised.stop();
  expect(seen.stopped).toBe(1);
});

test('the pauses grow while it keeps dying', async () => {
  const { seen, supervised } = world();
  (await supervised.start()).die();
  for (const pid of [2, 3, 4]) {
    await eventually(() => seen.latest?.pid === pid);
    seen.latest?.die();
  }
  await eventually(() => seen.downs.length === 4);
  const [first = 0, , , fourth = 0] = seen.downs;
  expect(fourth).toBeGreaterThan(first * 2);
  await supervised.stop();
});

test('what was asked to stop stays stopped, also while it waits to start again', async () => {
  const { seen, supervised } = world();
  (await supervised.start()).die();
  await eventually(() => seen.downs.length === 1);
  await supervised.stop();
  expect(seen.launches).toBe(1);
});

test('a first start that fails is the caller’s to handle', async () => {
  const supervised = new Supervised<Fake>(() => Promise.reject(new Error('no program')), {
    down: () => undefined,
    up: () => undefined,
    failed: () => undefined,
  });
  await expect(supervised.start()).rejects.toThrow('no program');
  await supervised.stop();
});
