/** The room's line in Redis, which may be away: then every call rejects, in half a second at most. */
import type { Redis } from 'ioredis';
import { BURST_MS, LEAST_LEFT_MS, type Line, SETTLE_MS, WINDOW_MS } from './line.ts';
import { ROUND, TUNE } from './round-script.ts';

/** What operations have set: a rate, no room at all, or nothing. */
export type Fixed = 'rate' | 'off' | '';

export type Round = {
  /** As this gateway knows it now; what counts if Redis knows nothing. */
  readonly line: Line;
  readonly fixed: Fixed;
  /** Of the configuration: what counts if operations have set nothing. */
  readonly usualRate: number;
  /** It has given out places by itself: none of them may be given out again. */
  readonly alone: boolean;
  /** Users who were let through without a place. */
  readonly passed: readonly string[];
  /** Who wants their place, with the one that they have brought along, and whether they want a new one if there is none. */
  readonly enter: readonly (readonly [user: string, brought: number | false, make: boolean])[];
  /** How many came to their turn, by second of the line. */
  readonly seen: readonly (readonly [second: number, count: number])[];
  /** No turn before (epoch ms). */
  readonly from: number;
};

export type Learned = {
  readonly line: Line;
  readonly fixed: Fixed;
  /** In the order of `enter`; undefined: has none. */
  readonly dues: readonly (number | undefined)[];
};

export type SharedLine = {
  readonly round: (room: string, round: Round) => Promise<Learned>;
  /** False: Redis knows no such room yet. */
  readonly tune: (room: string, rate: number | 'off' | 'default') => Promise<boolean>;
};

export function createSharedLine(redis: Redis, me: string): SharedLine {
  const keysOf = (room: string): [string, string, string, string] => {
    const name = `haat:room:{${room}}`;
    return [name, `${name}:cohorts`, `${name}:gateways`, `${name}:place:`];
  };
  return {
    async round(room, { line: { clock, rate, perSecond, tail }, usualRate: usual, ...rest }) {
      const limits = { burst: BURST_MS, window: WINDOW_MS, least: LEAST_LEFT_MS, settle: SETTLE_MS };
      const ask = { ...limits, ...rest, me, clock, rate, perSecond, tail, usual };
      return learned(await redis.eval(ROUND, 4, ...keysOf(room), JSON.stringify(ask)));
    },
    async tune(room, rate) {
      return (await redis.eval(TUNE, 1, keysOf(room)[0], String(rate))) === 1;
    },
  };
}

function learned(answer: unknown): Learned {
  if (!Array.isArray(answer) || answer.length !== 8) throw new TypeError('not the answer of a round');
  const [at, clock, rate, perSecond, tail, gateways] = answer.slice(0, 6).map(Number);
  const [fixed, dues]: unknown[] = answer.slice(6);
  if (![at, clock, rate, perSecond, tail, gateways].every(Number.isFinite) || !Array.isArray(dues)) {
    throw new TypeError('a round without numbers');
  }
  return {
    line: {
      at: at ?? 0,
      clock: clock ?? 0,
      rate: rate ?? 0,
      perSecond: perSecond ?? 1,
      tail: tail ?? 0,
      gateways: Math.max(1, gateways ?? 1),
    },
    fixed: fixed === 'rate' || fixed === 'off' ? fixed : '',
    dues: dues.map((due) => (due === '' ? undefined : Number(due))),
  };
}
