/**
 * How much is let in. A controller of queueing delay, in the form of PIE (RFC 8033): what is admitted in a tick shrinks
 * with how far the delay is above its target and with how fast it grows, and comes back the same way; the second term is
 * what keeps it from swinging. What was in fact done bounds it from both sides, so that a queue that takes long to drain
 * does not starve everyone meanwhile. Which requests make up that much is decided by rank, from what arrived of each (as
 * in DAGOR, Zhou et al. 2018): all of the first ranks, a part of one, none below. Pure: time is counted in ticks.
 */
import { BY_RANK } from './priorities.ts';

export const TICK_MS = 100;

export type Tick = {
  /** Requests since the last tick, by rank: that came, shed ones too; and of those let in, that were answered. */
  readonly arrived: readonly number[];
  readonly done: readonly number[];
  /** The worst of the signals over its target: above 1 is too much. */
  readonly pressure: number;
};

/** Work is in costs (priorities.ts) a tick. */
export type Control = {
  /** Work let in; Infinity: nothing is held back. */
  readonly budget: number;
  /** Work that arrives, by rank, and that gets done; smoothed. */
  readonly arriving: readonly number[];
  readonly doing: number;
  readonly pressure: number;
  /** Ticks in a row: above the target; with nothing to hold back. */
  readonly hot: number;
  readonly idle: number;
  /** Ranks let in whole, and the part of the next: 2.25 is ranks 0 and 1, and a quarter of rank 2. */
  readonly level: number;
};

/** A level that lets everything in. */
export const ALL = BY_RANK.length;
/** Payments are never refused by the controller, and some checkouts always get through: it has to see what they do. */
export const LEAST = 1.05;

const SMOOTHING = 0.2;
/** What was done is remembered for some seconds: a pause of a third of one, a neighbour's, is no loss of strength. */
const FORGETTING = 0.03;
/** One late tick is a garbage collection. */
const HOT_TICKS = 3;
/** So long nothing is held back before the last budget is forgotten: a second wave finds it still there. */
const IDLE_TICKS = 100;
/** Of the budget, a tick: for each target's worth above the target, and for each by which it has grown. */
const GAIN = { error: 0.06, growth: 0.15 } as const;
const STEP = { least: 0.7, most: 1.04 } as const;
/**
 * Below this pressure there is no queue to speak of: what is held back comes in, a quarter more a tick where there is none
 * at all. Faster than it, more would be let in than the orders of the carts that come in now leave room for.
 */
const SLACK = { pressure: 0.5, gain: 0.5 } as const;
/** Beyond this, more says nothing more. */
const MOST_PRESSURE = 5;
/**
 * Of what gets done. A budget does not fall below the one: a queue that is long drains, and not everyone starves while it
 * does. It does not grow beyond the other: where it holds nothing back, it would say nothing when more comes.
 */
const AROUND = { least: 0.6, most: 1.4 } as const;

export const CALM: Control = {
  budget: Number.POSITIVE_INFINITY,
  arriving: BY_RANK.map(() => 0),
  doing: 0,
  pressure: 0,
  hot: 0,
  idle: 0,
  level: ALL,
};

export function next(control: Control, tick: Tick): Control {
  const arriving = control.arriving.map((mean, rank) => smooth(mean, workOf(rank, tick.arrived)));
  const done = BY_RANK.reduce((sum, { rank }) => sum + workOf(rank, tick.done), 0);
  const doing = smooth(control.doing, done, done < control.doing ? FORGETTING : SMOOTHING);
  const pressure = Math.min(MOST_PRESSURE, tick.pressure);
  const hot = pressure > 1 ? control.hot + 1 : 0;
  const seen = { arriving, doing, pressure, hot };
  if (control.budget === Number.POSITIVE_INFINITY) {
    return hot < HOT_TICKS ? { ...seen, budget: control.budget, idle: 0, level: ALL } : limited(seen, doing, 0);
  }
  const change = Math.exp(-GAIN.error * (pressure - 1) - GAIN.growth * (pressure - control.pressure));
  const slack = SLACK.pressure - pressure;
  const step = slack > 0 ? Math.max(STEP.most, 1 + SLACK.gain * slack) : between(STEP.least, change, STEP.most);
  const wanted = control.budget * step;
  const most = Math.max(AROUND.most * doing, control.budget);
  const budget = Math.max(1, between(AROUND.least * doing, wanted, most));
  const total = arriving.reduce((sum, each) => sum + each, 0);
  return limited(seen, budget, budget >= total && pressure < 1 ? control.idle + 1 : 0);
}

function limited(seen: Omit<Control, 'budget' | 'idle' | 'level'>, budget: number, idle: number): Control {
  if (idle >= IDLE_TICKS) return { ...seen, budget: Number.POSITIVE_INFINITY, idle: 0, level: ALL };
  return { ...seen, budget, idle, level: levelFor(budget, seen.arriving) };
}

/** How far down the ranks a budget reaches. */
export function levelFor(budget: number, arriving: readonly number[]): number {
  let left = budget;
  for (let rank = 0; rank < ALL; rank++) {
    const wanted = arriving[rank] ?? 0;
    if (wanted > left) return Math.max(LEAST, rank + left / wanted);
    left -= wanted;
  }
  return ALL;
}

const workOf = (rank: number, counts: readonly number[]): number => (counts[rank] ?? 0) * (BY_RANK[rank]?.cost ?? 1);
const smooth = (mean: number, sample: number, part = SMOOTHING): number => mean + part * (sample - mean);
const between = (least: number, value: number, most: number): number => Math.min(most, Math.max(least, value));
