/** Time that moves only when a test says so. */
import type { Instant } from '../../ids.ts';
import type { Clock } from '../ports.ts';
import { STORY_BEGINS } from './given.ts';

export type VirtualClock = Clock & {
  /** Fires what comes due on the way, in order, and lets what it sets off run. */
  advance(ms: number): Promise<void>;
  /** Timers that have not fired. */
  readonly pending: number;
};

type Timer = { readonly at: Instant; readonly fire: () => void };

export function virtualClock(start: Instant = STORY_BEGINS): VirtualClock {
  let now = start;
  const timers = new Set<Timer>();
  const next = (until: Instant): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) if (timer.at <= until && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  };
  return {
    now: () => now,
    after: (ms, fire) => {
      const timer = { at: now + ms, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: async (ms) => {
      const until = now + ms;
      for (let timer = next(until); timer !== undefined; timer = next(until)) {
        now = Math.max(now, timer.at);
        timers.delete(timer);
        timer.fire();
        await settle();
      }
      now = until;
      await settle();
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Lets everything run that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
