import { expect, test } from 'vitest';
import { pauseAfter } from './refunds.ts';

const evenly = () => 0.5;

test('a refund that the gateway does not take is asked for again soon, then ever more rarely', () => {
  const tries: number[] = [];
  for (let waited = 0; waited < 120_000; waited += pauseAfter(waited, evenly)) tries.push(waited / 1_000);
  expect(tries).toEqual([0, 1, 2, 4, 8, 16, 32, 62, 92]);
});

test('a clock that was set back does not make it wait', () => {
  expect(pauseAfter(-60_000, evenly)).toBe(1_000);
});

test('refunds that failed together do not come back together', () => {
  expect([0, 0.5, 0.999].map((luck) => Math.round(pauseAfter(10_000, () => luck)))).toEqual([5_000, 10_000, 14_990]);
  const pauses = new Set(Array.from({ length: 20 }, () => pauseAfter(10_000)));
  expect(pauses.size).toBeGreaterThan(10);
});
