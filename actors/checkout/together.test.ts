import { expect, test } from 'vitest';
import { together } from './together.ts';

test('answers in order, and starts all at once', async () => {
  const started: number[] = [];
  const doubled = together([1, 2, 3], async (n) => {
    started.push(n);
    await Promise.resolve();
    return n * 2;
  });
  expect(started).toEqual([1, 2, 3]);
  expect(await doubled).toEqual([2, 4, 6]);
});

test('a failure is thrown only when the others are over', async () => {
  const over: string[] = [];
  const slow = async () => {
    for (let i = 0; i < 50; i++) await Promise.resolve();
    over.push('slow');
  };
  const fast = () => Promise.reject(new Error('down'));
  await expect(together([fast, slow], (work) => work())).rejects.toThrow('down');
  expect(over).toEqual(['slow']);
});
