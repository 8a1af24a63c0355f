import { describe, expect, it } from 'vitest';
import type { Sku } from '../../actors/ids.ts';
import type { Availability } from '../../stores/catalogue/port.ts';
import { LiveStock } from './live-stock.ts';

function setUp() {
  let now = 1_000_000;
  let state: Availability = 'in-stock';
  let failure: Error | undefined;
  let held: PromiseWithResolvers<void> | undefined;
  const questions: string[][] = [];
  const stock = new LiveStock(
    async (skus) => {
      questions.push(skus.toSorted());
      await held?.promise;
      if (failure !== undefined) throw failure;
      return new Map(skus.map((sku) => [sku, state]));
    },
    () => now,
  );
  return {
    questions,
    of: async (...skus: string[]) => Object.fromEntries(await stock.of(skus as Sku[])),
    become(next: Availability) {
      state = next;
    },
    fail(error: Error | undefined) {
      failure = error;
    },
    hang() {
      held = Promise.withResolvers();
    },
    answer() {
      held?.resolve();
      held = undefined;
    },
    pass(ms: number) {
      now += ms;
    },
  };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('live stock', () => {
  it('is one question for all that is wanted at once, and none for a second', async () => {
    const { of, questions, pass } = setUp();
    const answers = await Promise.all([of('A', 'B'), of('B', 'C'), of('A')]);
    expect(answers[0]).toEqual({ A: 'in-stock', B: 'in-stock' });
    expect(questions).toEqual([['A', 'B', 'C']]);
    pass(999);
    await of('A', 'B', 'C');
    expect(questions).toHaveLength(1);
  });

  it('is a moment old at most', async () => {
    const { of, become, pass } = setUp();
    await of('A');
    become('out-of-stock');
    pass(1_000);
    expect(await of('A')).toEqual({ A: 'in-stock' });
    await settled();
    expect(await of('A')).toEqual({ A: 'out-of-stock' });
    become('low-stock');
    pass(3_000);
    expect(await of('A')).toEqual({ A: 'low-stock' });
  });

  it('is what was last known while nobody answers, and an error where nothing is', async () => {
    const { of, fail, hang, answer, pass } = setUp();
    await of('A');
    fail(new Error('the database is away'));
    pass(60_000);
    expect(await of('A')).toEqual({ A: 'in-stock' });
    await expect(of('A', 'B')).rejects.toThrow('away');
    hang();
    pass(60_000);
    expect(await of('A')).toEqual({ A: 'in-stock' });
    await settled();
    answer();
    await settled();
    fail(undefined);
    expect(await of('A', 'B')).toEqual({ A: 'in-stock', B: 'in-stock' });
  });
});
