import { expect, test } from 'vitest';
import { pauseAfter } from './refunds.ts';

test('a refund that the gateway does not take is asked for again soon, then ever more rarely', () => {
  const tries: number[] = [];
  for (let waited = 0; waited < 120_000; waited += pauseAfter(waited)) tries.push(waited / 1_000);
  expect(tries).toEqual([0, 1, 2, 4, 8, 16, 32, 62, 92]);
});

test('a clock that was set back does not make it wait', () => {
  expect(pauseAfter(-60_000)).toBe(1_000);
});
