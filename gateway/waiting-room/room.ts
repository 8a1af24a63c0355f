/**
 * One room as this gateway runs it. Below the rate nobody notices it: who comes is counted here, in memory, and told to
 * Redis later. Above it, who comes gets a place, many of them with one call to Redis. Without Redis the room goes on by
 * itself: the clock runs, those who wait come to their turn, and every gateway gives out its share of the places.
 */
import type { Logger } from 'pino';
import { Lru } from '../../stores/lru.ts';
import { clockAt, emptyLine, isOver, isWaited, type Line, takePlace, WINDOW_MS } from './line.ts';
import type { Fixed, Learned, SharedLine } from './shared-line.ts';

/** Users remembered here, with their places. Who is forgotten is asked for in Redis, or brings the place along. */
const REMEMBERED = 300_000;
/** Users in one call to Redis, and calls' worth of them that may wait for one. */
const MOST_AT_ONCE = 500;
const MOST_WAITING = 20_000;
/** A line older than this is looked at again before somebody is made to wait. */
const FRESH_MS = 20;
/** How long Redis is left alone after it has not answered. */
const RETRY_MS = 500;

export type RoomParts = {
  readonly name: string;
  /** Of the configuration; operations may set another. */
  readonly rate: number;
  readonly shared: SharedLine | undefined;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** No turn before (epoch ms). */
  readonly from?: () => number;
  /** Epoch ms that never go back; a clock that is set must not let anybody in. */
  readonly clock?: () => number;
};

type Wanted = {
  readonly user: string;
  readonly brought: number | false;
  readonly make: boolean;
  readonly resolve: (due: number | undefined) => void;
};

export class Room {
  readonly name: string;
  /** Places whose turn has come and that somebody came with; and who was let through without. */
  admitted = 0;
  usedAt: number;
  readonly #parts: RoomParts;
  readonly #clock: () => number;
  readonly #places = new Lru<string, number>(REMEMBERED);
  /** Let through without a place, or come with one: until when. */
  readonly #inside = new Lru<string, number>(REMEMBERED);
  readonly #arrived = new Lru<string, number>(REMEMBERED);
  readonly #entering = new Map<string, Promise<number | undefined>>();
  /** Redis's time minus ours: one time for all gateways. */
  #offset = 0;
  #line: Line;
  #fixed: Fixed = '';
  #alone = true;
  #learnedAt = Number.NEGATIVE_INFINITY;
  #retryAt = Number.NEGATIVE_INFINITY;
  #passed: string[] = [];
  #seen = new Map<number, number>();
  readonly #wanted: Wanted[] = [];
  #round: Promise<void> | undefined;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.#clock = parts.clock ?? (() => performance.timeOrigin + performance.now());
    this.#line = emptyLine(parts.rate, this.#clock());
    this.usedAt = this.now();
  }

  now(): number {
    return this.#clock() + this.#offset;
  }

  get line(): Line {
    return this.#line;
  }

  /** undefined: operations have taken the room away, and everybody passes. */
  get rate(): number | undefined {
    return this.#fixed === 'off' ? undefined : this.#line.rate;
  }

  get isShared(): boolean {
    return !this.#alone;
  }

  /** Lets through who need not wait, without a word to anybody. Everybody counts once in the time that a place lasts. */
  passes(user: string): boolean {
    if (this.rate === undefined) return true;
    const now = this.now();
    const inside = this.#inside.get(user);
    if (inside !== undefined && inside > now) return true;
    if (this.#isUnknown || isWaited(this.#line, now) || (this.#parts.from?.() ?? 0) > now) return false;
    this.#line = takePlace(this.#line, now).line;
    this.#inside.set(user, now + WINDOW_MS);
    this.#passed.push(user);
    this.admitted += 1;
    this.usedAt = now;
    return true;
  }

  /** As `passes`, but with another look at what all gateways have let through before the answer is no. */
  async passesNow(user: string): Promise<boolean> {
    if (this.passes(user)) return true;
    if (!this.#isUnknown && (this.#alone || this.now() - this.#learnedAt < FRESH_MS)) return false;
    await this.refresh();
    return this.passes(user);
  }

  /** The user's place, in the time of the line: the one they have, or one at the end. undefined: too many ask at once. */
  enter(user: string, brought?: number): Promise<number | undefined> {
    this.usedAt = this.now();
    const had = this.#placeOf(user, brought);
    if (had !== undefined) return Promise.resolve(had);
    const entering = this.#entering.get(user) ?? this.#ask(user, brought, true);
    this.#entering.set(user, entering);
    return entering.finally(() => this.#entering.delete(user));
  }

  /** The place that the user has; undefined: none. */
  find(user: string, brought?: number): Promise<number | undefined> {
    const had = this.#placeOf(user, brought);
    return had === undefined ? this.#ask(user, brought, false) : Promise.resolve(had);
  }

  /** The user's place if it is known here. One that was only brought along is not yet: others have to hear of it. */
  #placeOf(user: string, brought: number | undefined): number | undefined {
    const now = this.now();
    const kept = this.#places.get(user);
    if (kept === undefined || isOver(this.#line, kept, now)) return undefined;
    return brought === undefined || isOver(this.#line, brought, now) ? kept : Math.min(kept, brought);
  }

  /** The turn has come and somebody is there. */
  arrived(user: string, due: number): void {
    if (this.#arrived.get(user) === due) return;
    this.#arrived.set(user, due);
    this.usedAt = this.now();
    const second = Math.floor(due / 1_000);
    this.#seen.set(second, (this.#seen.get(second) ?? 0) + 1);
    this.admitted += 1;
  }

  /** One round with Redis, which takes along all that has gathered; one at a time. Never rejects. */
  refresh(): Promise<void> {
    this.#round ??= this.#run().finally(() => {
      this.#round = undefined;
      if (this.#wanted.length > 0) void this.refresh();
    });
    return this.#round;
  }

  /** Another rate for all gateways. Rejects without Redis. */
  async tune(rate: number | 'off' | 'default'): Promise<boolean> {
    await this.refresh();
    const done = (await this.#parts.shared?.tune(this.name, rate)) ?? false;
    await this.refresh();
    return done && !this.#alone;
  }

  /** Before the first answer of Redis, or none: there may be a queue. */
  get #isUnknown(): boolean {
    return this.#parts.shared !== undefined && this.#learnedAt < 0 && this.#retryAt < 0;
  }

  #ask(user: string, brought: number | undefined, make: boolean): Promise<number | undefined> {
    if (this.#wanted.length >= MOST_WAITING) return Promise.resolve(undefined);
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const usable = brought !== undefined && !isOver(this.#line, brought, this.now());
    this.#wanted.push({ user, brought: usable ? brought : false, make, resolve });
    void this.refresh();
    return promise;
  }

  async #run(): Promise<void> {
    const wanted = this.#wanted.splice(0, MOST_AT_ONCE);
    const { shared } = this.#parts;
    const began = this.#clock();
    // While Redis is away, nobody waits for it.
    if (shared === undefined || began < this.#retryAt) {
      this.#goAlone(wanted);
      return;
    }
    const passed = this.#passed;
    const seen = this.#seen;
    this.#passed = [];
    this.#seen = new Map();
    const line = { ...this.#line, clock: clockAt(this.#line, this.now()) };
    try {
      const learned = await shared.round(this.name, {
        line,
        fixed: this.#fixed,
        usualRate: this.#parts.rate,
        alone: this.#alone,
        passed,
        enter: wanted.map(({ user, brought, make }) => [user, brought, make]),
        seen: [...seen],
        from: this.#parts.from?.() ?? 0,
      });
      this.#learn(learned, began);
      wanted.forEach(({ user, resolve }, index) => {
        const due = learned.dues[index];
        if (due !== undefined) this.#places.set(user, due);
        resolve(due);
      });
    } catch (error) {
      if (!this.#alone) this.#parts.log.warn({ event: 'waiting-room-alone', room: this.name, error: String(error) });
      this.#alone = true;
      this.#retryAt = this.#clock() + RETRY_MS * (0.5 + Math.random());
      this.#goAlone(wanted);
    }
  }

  #learn({ line, fixed }: Learned, began: number): void {
    if (this.#alone) this.#parts.log.info({ event: 'waiting-room-shared', room: this.name });
    this.#alone = false;
    this.#fixed = fixed;
    // The answer was made between the two; half the way is the best guess.
    const ended = this.#clock();
    this.#offset = line.at - (began + ended) / 2;
    this.#learnedAt = line.at;
    this.#line = line;
    // Who passed meanwhile is not in it yet.
    for (let more = this.#passed.length; more > 0; more--) this.#line = takePlace(this.#line, this.now()).line;
  }

  /** What has passed is in our own line already; what Redis has not heard of by now it need not hear. */
  #goAlone(wanted: readonly Wanted[]): void {
    this.#passed = [];
    this.#seen.clear();
    for (const { user, brought, make, resolve } of wanted) {
      const due = brought === false ? (make ? this.#takeAlone() : undefined) : brought;
      if (due !== undefined) {
        this.#places.set(user, due);
        // Who brings a place has waited for it: what is given out comes after it.
        const next = due + 1_000 / this.#line.perSecond;
        this.#line = { ...this.#line, tail: Math.max(this.#line.tail, next) };
      }
      resolve(due);
    }
  }

  #takeAlone(): number {
    const { line, due } = takePlace(this.#line, this.now(), this.#parts.from?.());
    this.#line = line;
    return due;
  }
}
