import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL, CALM, type Control, LEAST, levelFor, next, TICK_MS } from './controller.ts';
import { MOST_IN_FLIGHT } from './gate.ts';
import { BY_RANK, PRIORITIES } from './priorities.ts';

const none = BY_RANK.map(() => 0);

/** ms of work, by rank: a request; one that is refused; the queue that is the target. */
const WORK = [0.5, 1, 0.4, 0.12, 0.15, 0.1];
const REFUSAL = 0.03;
const TARGET_MS = 25;
const SLICES = 10;

const workOf = (counts: readonly number[]): number =>
  counts.reduce((sum, count, rank) => sum + count * (WORK[rank] ?? 0), 0);

/** A machine that does a tick's work in a tick, in the order in which it came; what it cannot do waits. */
function machine(seed: number) {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  const waiting: number[] = [];
  let control = CALM;
  /** ms that are left of the time so far; below zero: owed. */
  let left = 0;
  return {
    /** `stolen`: the part of the tick that its neighbours take. */
    tick(load: readonly number[], stolen = 0): { control: Control; delayMs: number; done: readonly number[] } {
      const [arrived, done] = [none.slice(), none.slice()];
      let delays = 0;
      for (let slice = 0; slice < SLICES; slice++) {
        left = Math.min(left, 0) + (TICK_MS / SLICES) * (1 - stolen);
        for (const { rank, share } of BY_RANK) {
          const count = Math.floor(((load[rank] ?? 0) / SLICES) * (0.8 + 0.4 * random()) + random());
          arrived[rank] = (arrived[rank] ?? 0) + count;
          for (let n = 0; n < count; n++) {
            if (random() < control.level - rank && waiting.length < MOST_IN_FLIGHT * share) waiting.push(rank);
            else left -= REFUSAL;
          }
        }
        while (left > 0) {
          const rank = waiting.shift();
          if (rank === undefined) break;
          left -= WORK[rank] ?? 0;
          done[rank] = (done[rank] ?? 0) + 1;
        }
        delays += waiting.reduce((sum, rank) => sum + (WORK[rank] ?? 0), 0);
      }
      const delayMs = delays / SLICES + 4 * random();
      control = next(control, { arrived, done, pressure: delayMs / TARGET_MS });
      return { control, delayMs, done };
    },
  };
}

/** 60 ms of work a tick, most of it pages. */
const usual = [12, 12, 25, 90, 60, 60];
const times = (factor: number): readonly number[] => usual.map((each) => each * factor);
const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;

describe('the overload controller', () => {
  it('lets everything in while the system keeps up, whatever one tick says', () => {
    let control = CALM;
    for (let tick = 0; tick < 100; tick++) {
      control = next(control, { arrived: usual, done: usual, pressure: tick % 10 === 0 ? 4 : 0.9 });
      expect(control.level).toBe(ALL);
    }
  });

  it('fills a budget from the first rank down, part of one', () => {
    expect(levelFor(1_000, [10, 20, 30, 40, 50, 60])).toBe(ALL);
    expect(levelFor(115, [10, 20, 30, 40, 50, 60])).toBe(4.3);
    expect(levelFor(0, [10, 20, 30, 40, 50, 60])).toBe(LEAST);
  });

  it.each([2, 3, 4])('at %d times the load: class 1 is done, the delay is held, without swinging', (factor) => {
    const system = machine(7);
    for (let tick = 0; tick < 30; tick++) system.tick(usual);
    for (let tick = 0; tick < 40; tick++) system.tick(times(factor));
    const ticks = Array.from({ length: 150 }, () => system.tick(times(factor)));
    const levels = ticks.map(({ control }) => control.level);
    expect(mean(ticks.map(({ delayMs }) => delayMs))).toBeLessThan(45);
    expect(Math.max(...ticks.map(({ delayMs }) => delayMs))).toBeLessThan(120);
    // The machine has work all the time: what could be done was not refused.
    expect(mean(ticks.map(({ done }) => workOf(done)))).toBeGreaterThan(90 - REFUSAL * mean(times(factor)) * ALL);
    // Orders under way are finished; the last class is out.
    expect(mean(ticks.map(({ done }) => done[PRIORITIES.payment.rank] ?? 0))).toBeGreaterThan(12 * factor * 0.9);
    expect(mean(ticks.map(({ done }) => done[PRIORITIES.third.rank] ?? 0))).toBeLessThan(factor === 2 ? 40 : 5);
    const spread = Math.sqrt(mean(levels.map((level) => (level - mean(levels)) ** 2)));
    expect(spread).toBeLessThan(0.5);
  });

  it('does not take a pause for weakness', () => {
    const system = machine(5);
    for (let tick = 0; tick < 100; tick++) system.tick(times(3));
    // Every two seconds, somebody else has the machine for four tenths of one.
    const ticks = Array.from({ length: 400 }, (_, n) => system.tick(times(3), n % 20 < 4 ? 1 : 0));
    const possible = 0.8 * (TICK_MS - REFUSAL * times(3).reduce((sum, each) => sum + each, 0));
    expect(mean(ticks.map(({ done }) => workOf(done))) / possible).toBeGreaterThan(0.85);
  });

  it('lets everything in again soon after the load has gone', () => {
    const system = machine(3);
    for (let tick = 0; tick < 100; tick++) system.tick(times(4));
    const after = Array.from({ length: 150 }, () => system.tick(usual));
    const recovered = after.findIndex(({ control }) => control.level === ALL);
    expect(recovered).toBeGreaterThanOrEqual(0);
    expect(recovered).toBeLessThan(60);
    expect(after.slice(recovered + 10).every(({ control }) => control.level === ALL)).toBe(true);
    expect(after.at(-1)?.control.budget).toBe(Number.POSITIVE_INFINITY);
  });

  it('never refuses a rank before those below it, nor payments, and always comes back', () => {
    const count = fc.integer({ min: 0, max: 2_000 });
    const counts = fc.array(count, { minLength: ALL, maxLength: ALL });
    const ticks = fc.array(
      fc.record({ arrived: counts, done: counts, pressure: fc.double({ min: 0, max: 1_000, noNaN: true }) }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(ticks, (history) => {
        let control = CALM;
        for (const tick of history) {
          control = next(control, tick);
          expect(control.level).toBeGreaterThanOrEqual(LEAST);
          expect(control.level).toBeLessThanOrEqual(ALL);
        }
        for (let tick = 0; tick < 400; tick++) {
          const done = usual.map((each, rank) => each * Math.min(1, Math.max(0, control.level - rank)));
          control = next(control, { arrived: usual, done, pressure: 0.2 });
        }
        expect(control.level).toBe(ALL);
      }),
      { numRuns: 200 },
    );
  });
});
