/**
 * Who is let in. Two bounds: the level, which follows what the system gets done (controller.ts), and a number of requests
 * in flight, of which each rank may use a share, so that those above it find room even before the level has moved. What
 * finishes a purchase has a room of its own.
 *
 * Two controllers move the level. One holds a short delay and may shed classes 2 and 3 only; one holds a longer one and
 * may shed all. So class 1 is not refused for what it can wait for, and does not wait for the others.
 */
import { CALM, type Control, next, TICK_MS } from './controller.ts';
import { pressureOf, type Signals, TARGETS } from './pressure.ts';
import { BY_RANK, PRIORITIES, type Rank } from './priorities.ts';
import { isInTurn } from './turns.ts';

export type Verdict = 'admitted' | 'level' | 'in-flight';

/** About what this machine gets done in an eighth of a second; docs/decisions/17. */
export const MOST_IN_FLIGHT = 192;
/** A thousand orders a second, if a payment gateway takes a third of one to answer. */
const MOST_BUYING = 2;
/** The level at which class 1 is let in whole, and nothing else. */
const FIRST_CLASS = PRIORITIES.second.rank;

export class Gate {
  #lesser: Control;
  #first: Control;
  readonly #taken = { buying: 0, other: 0 };
  readonly #arrived = BY_RANK.map(() => 0);
  readonly #done = BY_RANK.map(() => 0);
  readonly #most: { readonly buying: number; readonly other: number };
  readonly #random: () => number;
  readonly #now: () => number;

  /** `most`: in the room of all but what finishes a purchase. `control`: to begin with. */
  constructor({ most = MOST_IN_FLIGHT, control = CALM, random = Math.random, now = Date.now } = {}) {
    this.#lesser = control;
    this.#first = control;
    this.#most = { buying: most * MOST_BUYING, other: most };
    this.#random = random;
    this.#now = now;
  }

  get level(): number {
    return Math.min(this.#first.level, Math.max(this.#lesser.level, FIRST_CLASS));
  }

  /** Nothing of the rank is let in, whoever asks. */
  isOut(rank: number): boolean {
    return this.level <= rank;
  }

  get inFlight(): number {
    return this.#taken.buying + this.#taken.other;
  }

  /**
   * Counts a request that came. `shopper`: what tells one from another; undefined for those who cannot be told apart.
   * `admitted` takes no place yet.
   */
  judge(rank: number, shopper: string | undefined): Verdict {
    this.#arrived[rank] = (this.#arrived[rank] ?? 0) + 1;
    const part = this.level - rank;
    if (part < 1) {
      // A part of the shoppers is let in with all that they do, rather than all of them with a part of it.
      const isIn = part > 0 && (shopper === undefined ? this.#random() < part : isInTurn(shopper, part, this.#now()));
      if (!isIn) return 'level';
    }
    return this.#hasRoom(rank) ? 'admitted' : 'in-flight';
  }

  /** Takes a place, to be given back by `leave`; false: none is left for this rank. */
  take(rank: number): boolean {
    if (!this.#hasRoom(rank)) return false;
    this.#taken[roomOf(rank)] += 1;
    return true;
  }

  /** Both at once. */
  enter(rank: number, shopper: string | undefined): Verdict {
    const verdict = this.judge(rank, shopper);
    if (verdict === 'admitted') this.take(rank);
    return verdict;
  }

  leave(rank: number): void {
    this.#taken[roomOf(rank)] -= 1;
    this.#done[rank] = (this.#done[rank] ?? 0) + 1;
  }

  /**
   * Let in, and takes no place: an event stream. It counts as done all the same. What arrives and never gets done would
   * look like weakness, and keep the level down for as long as it comes.
   */
  pass(rank: number): void {
    this.#done[rank] = (this.#done[rank] ?? 0) + 1;
  }

  /** `elapsedMs` since the last one; a tick that comes late has seen more. Answers the pressure. */
  tick(signals: Signals, elapsedMs: number): number {
    const perTick = TICK_MS / Math.max(1, elapsedMs);
    const scaled = (counts: readonly number[]): number[] => counts.map((count) => count * perTick);
    const [arrived, done] = [scaled(this.#arrived), scaled(this.#done)];
    const pressure = pressureOf(signals, TARGETS.lesser);
    this.#lesser = next(this.#lesser, { arrived, done, pressure });
    this.#first = next(this.#first, { arrived, done, pressure: pressureOf(signals, TARGETS.first) });
    this.#arrived.fill(0);
    this.#done.fill(0);
    return pressure;
  }

  #hasRoom(rank: number): boolean {
    const room = roomOf(rank);
    return this.#taken[room] < this.#most[room] * (BY_RANK[rank]?.share ?? 1);
  }
}

const roomOf = (rank: number): Rank['room'] => BY_RANK[rank]?.room ?? 'other';
