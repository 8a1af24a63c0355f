import { describe, expect, it } from 'vitest';
import { CALM } from './controller.ts';
import { Gate } from './gate.ts';
import { DelayWindow } from './loop-delay.ts';
import { NO_CALLS, pressureOf, TARGETS } from './pressure.ts';
import { BY_RANK, PRIORITIES } from './priorities.ts';
import { isInTurn } from './turns.ts';
import { UsualTime } from './usual-time.ts';

const { payment, order, cart, third } = PRIORITIES;
const at = (level: number) => ({ ...CALM, level });
const shoppers = Array.from({ length: 1_000 }, (_, n) => `Bearer e.p.${(n * 2_654_435_761).toString(36)}x${n}`);

describe('the gate', () => {
  it('lets ranks in by level, the next in part, and by the same shoppers for all that they do', () => {
    const gate = new Gate({ control: at(2.3), most: 100_000 });
    expect(gate.enter(payment.rank, undefined)).toBe('admitted');
    expect(gate.enter(order.rank, undefined)).toBe('admitted');
    expect(gate.enter(third.rank, undefined)).toBe('level');
    const first = shoppers.filter((shopper) => gate.enter(cart.rank, shopper) === 'admitted');
    const second = shoppers.filter((shopper) => gate.enter(cart.rank, shopper) === 'admitted');
    expect(first.length).toBeGreaterThan(250);
    expect(first.length).toBeLessThan(350);
    expect(second).toEqual(first);
  });

  it('gives everyone a turn', () => {
    const now = Date.UTC(2026, 0, 1);
    for (const shopper of shoppers.slice(0, 50)) {
      const turns = Array.from({ length: 30 }, (_, n) => isInTurn(shopper, 0.3, now + n * 10_000));
      const let_ = turns.filter(Boolean).length;
      expect(let_).toBeGreaterThanOrEqual(8);
      expect(let_).toBeLessThanOrEqual(10);
    }
  });

  it('keeps room in flight for what goes first', () => {
    const gate = new Gate({ most: 100 });
    const admitted = (rank: number): number => {
      let count = 0;
      while (gate.enter(rank, undefined) === 'admitted') count++;
      return count;
    };
    expect(BY_RANK.toReversed().map(({ rank }) => admitted(rank))).toEqual([40, 10, 20, 30, 180, 20]);
    expect(gate.enter(payment.rank, undefined)).toBe('in-flight');
    gate.leave(third.rank);
    expect(gate.enter(third.rank, undefined)).toBe('in-flight');
    expect(gate.enter(cart.rank, undefined)).toBe('admitted');
    expect(gate.enter(payment.rank, undefined)).toBe('in-flight');
    gate.leave(order.rank);
    expect(gate.enter(order.rank, undefined)).toBe('in-flight');
    expect(gate.enter(payment.rank, undefined)).toBe('admitted');
  });
});

describe('the level', () => {
  const usual = [10, 10, 20, 80, 50, 50];
  const under = (loopDelayMs: number, ticks: number): Gate => {
    const gate = new Gate({ most: 100_000 });
    for (let tick = 0; tick < ticks; tick++) {
      for (const { rank } of BY_RANK) {
        for (let n = usual[rank] ?? 0; n > 0; n--) if (gate.enter(rank, undefined) === 'admitted') gate.leave(rank);
      }
      gate.tick({ loopDelayMs, calls: NO_CALLS, usualMs: 0 }, 100);
    }
    return gate;
  };
  it('spares class 1 while the delay is one that it can wait for', () => {
    expect(under(TARGETS.lesser.loopDelayMs * 0.9, 50).level).toBe(6);
    expect(under(TARGETS.first.loopDelayMs * 0.9, 50).level).toBe(PRIORITIES.second.rank);
    expect(under(TARGETS.first.loopDelayMs * 3, 50).level).toBeLessThan(PRIORITIES.cart.rank);
  });
});

describe('pressure', () => {
  const targets = TARGETS.first;
  const calls = { ...NO_CALLS, answered: 100, medianMs: 5 };
  it('is the worst signal over its target', () => {
    expect(pressureOf({ usualMs: 0, loopDelayMs: targets.loopDelayMs * 2, calls }, targets)).toBe(2);
    expect(
      pressureOf({ usualMs: 0, loopDelayMs: 1, calls: { ...calls, medianMs: targets.commandMs * 3 } }, targets),
    ).toBe(3);
    expect(pressureOf({ usualMs: 0, loopDelayMs: 1, calls: { ...calls, full: 25 } }, targets)).toBeCloseTo(2);
    expect(pressureOf({ usualMs: 0, loopDelayMs: 1, calls: { ...calls, late: 25 } }, targets)).toBeCloseTo(2);
  });

  it('takes for a queue only what comes on top of what a command takes anyway', () => {
    const usual = new UsualTime();
    for (let tick = 0; tick < 50; tick++) usual.note({ answered: 100, medianMs: tick === 30 ? 20 : 90 });
    usual.note({ answered: 1, medianMs: 1 });
    expect(usual.ms).toBe(20);
    const slow = { ...calls, medianMs: 60 };
    expect(pressureOf({ loopDelayMs: 1, calls: slow, usualMs: 0 }, targets)).toBeGreaterThan(2);
    expect(pressureOf({ loopDelayMs: 1, calls: slow, usualMs: usual.ms }, targets)).toBeCloseTo(0.6);
    // Five minutes later it is another machine.
    for (let tick = 0; tick < 3_100; tick++) usual.note({ answered: 100, medianMs: 40 });
    expect(usual.ms).toBe(40);
    expect(new UsualTime().ms).toBe(0);
  });

  it('does not take what is dead for busy', () => {
    expect(pressureOf({ usualMs: 0, loopDelayMs: 1, calls: { ...NO_CALLS, late: 100 } }, targets)).toBeLessThan(0.1);
    expect(
      pressureOf({ usualMs: 0, loopDelayMs: 1, calls: { ...NO_CALLS, answered: 1, medianMs: 4_000 } }, targets),
    ).toBeLessThan(0.1);
  });
});

describe('the delay of the event loop', () => {
  it('is what half of the requests wait: no single pause moves it, lasting ones do', () => {
    const paused = new DelayWindow();
    for (let n = 0; n < 30; n++) paused.add(n === 28 ? 180 : 0.4);
    expect(paused.medianMs()).toBeLessThan(1);
    const behind = new DelayWindow();
    for (let n = 0; n < 10; n++) behind.add(100);
    expect(behind.medianMs()).toBeGreaterThanOrEqual(40);
    expect(behind.medianMs()).toBeLessThanOrEqual(60);
    for (let n = 0; n < 25; n++) behind.add(0);
    expect(behind.medianMs()).toBe(0);
  });
});
