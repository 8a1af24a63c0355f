/**
 * The queue of a room, as numbers. Places stand in a time of their own, in milliseconds, `1000 / perSecond` apart; its
 * clock runs at `rate / perSecond` of ours, and a place's turn has come when the clock has reached it. So nobody has to
 * call anybody up: every gateway that knows the line knows who is in, now and later, without asking.
 *
 * The clock begins as ours. A gateway that knows nothing at all (it has just started, Redis is empty) therefore still
 * keeps the order and the rate for those who bring their places along.
 */
export type Line = {
  /** What the clock of the line showed `at` this moment of ours (epoch ms). */
  readonly clock: number;
  readonly at: number;
  /** Places a second that are let in; 0: nobody until it is raised. */
  readonly rate: number;
  /** Places in one second of the line. Only an empty queue takes over another rate here. */
  readonly perSecond: number;
  /** The next place. Behind the clock: nobody waits. */
  readonly tail: number;
  /** Gateways that share the rate. */
  readonly gateways: number;
};

/** What was not used is kept for this long: a crowd that comes in bursts is not made to wait below the rate. */
export const BURST_MS = 1_000;
/** From its turn on, a place lets in for this long. Who does not come in that time begins again at the end. */
export const WINDOW_MS = 300_000;
/** Less than this is of no use to a shopper: a new place rather. */
export const LEAST_LEFT_MS = 15_000;
/** Who has not come so long after the turn is counted as missing, and somebody else is let in. */
export const SETTLE_MS = 10_000;

export const emptyLine = (rate: number, now: number): Line => ({
  clock: now,
  at: now,
  rate,
  perSecond: Math.max(1, rate),
  tail: 0,
  gateways: 1,
});

export const speedOf = ({ rate, perSecond }: Line): number => rate / perSecond;

export const clockAt = (line: Line, now: number): number => line.clock + Math.max(0, now - line.at) * speedOf(line);

/** Whether the next who comes has to wait. */
export const isWaited = (line: Line, now: number): boolean => line.rate === 0 || line.tail > clockAt(line, now);

/** How many are before the place, itself included; 0: its turn has come. */
export const positionOf = (line: Line, due: number, now: number): number =>
  Math.max(0, Math.ceil(((due - clockAt(line, now)) * line.perSecond) / 1_000));

/** Milliseconds until its turn at the rate of now; undefined: the queue stands still. */
export function waitOf(line: Line, due: number, now: number): number | undefined {
  const left = due - clockAt(line, now);
  if (left <= 0) return 0;
  return line.rate === 0 ? undefined : left / speedOf(line);
}

/** Until when (epoch ms) a place lets in; the same wherever and however often it is asked for. */
export const openUntil = (line: Line, due: number, now: number): number =>
  now + WINDOW_MS - Math.max(0, clockAt(line, now) - due);

export const isOver = (line: Line, due: number, now: number): boolean =>
  openUntil(line, due, now) < now + LEAST_LEFT_MS;

/**
 * The next place as this gateway may give it out by itself: of every `gateways` places it takes one, so that all of them
 * together keep the rate. `from` (epoch ms): no turn before.
 */
export function takePlace(line: Line, now: number, from = 0): { readonly line: Line; readonly due: number } {
  const clock = clockAt(line, now);
  const step = 1_000 / line.perSecond;
  const start = from > now ? clock + (from - now) * speedOf(line) : 0;
  // While nobody is let in, what was not used before lets nobody in either.
  const due = Math.max(line.tail, start, line.rate === 0 ? clock + step : clock - BURST_MS);
  return { due, line: { ...line, tail: due + step * line.gateways } };
}
