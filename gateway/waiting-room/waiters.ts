/**
 * Those who wait in a room with an open stream. One timer serves them all: whose turn has come is found by the order of
 * the places, who is to be told where they stand by a wheel. Far from their turn they are told seldom and in round
 * numbers, so that many are sent the same bytes.
 */
import type { ServerResponse } from 'node:http';
import { clockAt, type Line, positionOf, waitOf } from './line.ts';

export type Waiter = {
  readonly user: string;
  readonly due: number;
  /** Epoch ms: the stream ends then, and the client comes back with its place. */
  readonly until: number;
  readonly raw: ServerResponse;
};

export const TICK_MS = 100;
const SLOTS = 128;
/** How often somebody is told, by the milliseconds to their turn. */
const FAR = { beyondMs: 60_000, everyTicks: 100 };
const NEAR = { withinMs: 10_000, everyTicks: 10 };
const BETWEEN_TICKS = 50;
/** Who does not read is let go before much is kept for them. */
const MAX_BACKLOG_BYTES = 16 * 1_024;
/** Streams written to before other requests get their turn. */
const SLICE = 500;

type Seat = { readonly waiter: Waiter; slot: number };

export const eventBytes = (event: string, data: unknown, id?: string): Buffer =>
  Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

export class Waiters {
  readonly #turns = new Map<number, Set<Seat>>();
  readonly #wheel = Array.from({ length: SLOTS }, () => new Set<Seat>());
  readonly #seats = new Map<ServerResponse, Seat>();
  #slot = 0;
  #reached = Number.NEGATIVE_INFINITY;
  /** Slow readers let go. */
  dropped = 0;

  get size(): number {
    return this.#seats.size;
  }

  /** Told at once where they stand. */
  join(waiter: Waiter, line: Line, now: number): void {
    const seat: Seat = { waiter, slot: 0 };
    const turn = turnOf(waiter.due);
    const others = this.#turns.get(turn) ?? new Set();
    this.#turns.set(turn, others.add(seat));
    this.#seats.set(waiter.raw, seat);
    this.#reached = Math.min(this.#reached, turn);
    this.#write(seat, positionBytes(line, waiter.due, now));
    this.#putOnWheel(seat, line, now);
  }

  leave(raw: ServerResponse): void {
    const seat = this.#seats.get(raw);
    if (seat === undefined) return;
    this.#seats.delete(raw);
    this.#wheel[seat.slot]?.delete(seat);
    const turn = turnOf(seat.waiter.due);
    const others = this.#turns.get(turn);
    others?.delete(seat);
    if (others?.size === 0) this.#turns.delete(turn);
  }

  /** Every TICK_MS. Answers those whose turn has come; they have left. */
  tick(line: Line, now: number): readonly Waiter[] {
    const come = this.#takeThoseWhoseTurnItIs(clockAt(line, now));
    this.#slot = (this.#slot + 1) % SLOTS;
    const due = this.#wheel[this.#slot];
    if (due === undefined || due.size === 0) return come;
    this.#wheel[this.#slot] = new Set();
    const written = new Map<string, Buffer>();
    for (const seat of due) {
      if (seat.waiter.until <= now) {
        this.leave(seat.waiter.raw);
        seat.waiter.raw.end();
        continue;
      }
      this.#write(seat, positionBytes(line, seat.waiter.due, now, written));
      if (this.#seats.has(seat.waiter.raw)) this.#putOnWheel(seat, line, now);
    }
    return come;
  }

  /** The same to all, and the end; a slice at a time. */
  async dismiss(bytes: Buffer): Promise<void> {
    let count = 0;
    for (const { waiter } of [...this.#seats.values()]) {
      if (!this.#seats.has(waiter.raw)) continue;
      this.leave(waiter.raw);
      waiter.raw.end(bytes);
      if (++count % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #takeThoseWhoseTurnItIs(clock: number): readonly Waiter[] {
    const last = turnOf(clock);
    const come: Waiter[] = [];
    const first = Math.max(this.#reached, Number.NEGATIVE_INFINITY);
    // After a leap there are fewer turns with somebody in them than turns.
    const turns =
      last - first > this.#turns.size
        ? [...this.#turns.keys()].filter((turn) => turn <= last).sort((a, b) => a - b)
        : Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
    for (const turn of turns) {
      const seats = [...(this.#turns.get(turn) ?? [])].filter(({ waiter }) => waiter.due <= clock);
      seats.sort((a, b) => a.waiter.due - b.waiter.due);
      for (const { waiter } of seats) {
        this.leave(waiter.raw);
        come.push(waiter);
      }
    }
    this.#reached = Math.max(this.#reached, last);
    return come;
  }

  #putOnWheel(seat: Seat, line: Line, now: number): void {
    const left = waitOf(line, seat.waiter.due, now) ?? Number.POSITIVE_INFINITY;
    const ticks = left > FAR.beyondMs ? FAR.everyTicks : left > NEAR.withinMs ? BETWEEN_TICKS : NEAR.everyTicks;
    seat.slot = (this.#slot + ticks) % SLOTS;
    this.#wheel[seat.slot]?.add(seat);
  }

  #write({ waiter: { raw } }: Seat, bytes: Buffer): void {
    raw.write(bytes);
    if (raw.writableLength <= MAX_BACKLOG_BYTES) return;
    this.dropped += 1;
    this.leave(raw);
    raw.destroy();
  }
}

const turnOf = (due: number): number => Math.floor(due / TICK_MS);

/** Two digits are what somebody far back wants to know. */
const rounded = (count: number): number => {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.ceil(count / unit) * unit;
};

export type Standing = { readonly position: number; readonly waitSeconds: number | null };

export function standingOf(line: Line, due: number, now: number): Standing {
  const wait = waitOf(line, due, now);
  return {
    position: rounded(positionOf(line, due, now)),
    waitSeconds: wait === undefined ? null : rounded(Math.ceil(wait / 1_000)),
  };
}

function positionBytes(line: Line, due: number, now: number, written?: Map<string, Buffer>): Buffer {
  const standing = standingOf(line, due, now);
  const key = `${standing.position} ${standing.waitSeconds}`;
  const bytes = written?.get(key) ?? eventBytes('position', standing);
  written?.set(key, bytes);
  return bytes;
}
