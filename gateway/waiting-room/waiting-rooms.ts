/**
 * All rooms of this gateway: `site` for the shop, and one for each sale, called like it. Who must have a pass for what,
 * and what those who wait are told.
 */
import type { Logger } from 'pino';
import { type Refusal, refuse } from '../problems.ts';
import type { LiveSales } from '../sales/live-sales.ts';
import type { SaleStatus } from '../sales/port.ts';
import { openUntil, positionOf, WINDOW_MS, waitOf } from './line.ts';
import { Room } from './room.ts';
import type { SharedLine } from './shared-line.ts';
import type { Token, Tokens } from './tokens.ts';
import { eventBytes, standingOf, TICK_MS, type Waiter, Waiters } from './waiters.ts';

export const SITE = 'site';
/** A room that somebody uses is compared with the other gateways' this often, another less. */
const ROUND_MS = 250;
const IDLE_ROUND_MS = 2_000;
const IDLE_AFTER_MS = 15_000;
/** A room in which nobody has been seen for this long is forgotten here; Redis knows it longer. */
const FORGET_AFTER_MS = 3_600_000;
/** Places are for as long as a queue may last. */
const PLACE_MS = 6 * 3_600_000;
const MAX_PASSES = 4;

export type WaitingRoomsParts = {
  /** Admissions a second of the whole cluster: into the shop, and into each sale. 0: there is no such room. */
  readonly rates: { readonly site: number; readonly sale: number };
  readonly tokens: Tokens;
  readonly shared: SharedLine | undefined;
  readonly sales: LiveSales;
  readonly log: Pick<Logger, 'info' | 'warn'>;
};

export type Entered = {
  readonly status: 'waiting' | 'admitted';
  readonly position: number;
  readonly waitSeconds: number | null;
  readonly place: string;
  readonly pass: string | null;
  readonly passExpiresAt: number | null;
};

type Kept = { readonly room: Room; readonly waiters: Waiters; roundAt: number };

export class WaitingRooms {
  readonly #parts: WaitingRoomsParts;
  readonly #rooms = new Map<string, Kept>();
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;

  constructor(parts: WaitingRoomsParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
    this.#stopListening = parts.sales.onStatus((saleId, status) => this.#tell(saleId, status));
    // From the start, so that what operations have set is known before the first request.
    void this.find(SITE)?.refresh();
  }

  /** Every room that is open here, with those who wait in it. */
  all(): readonly Omit<Kept, 'roundAt'>[] {
    return [...this.#rooms.values()];
  }

  /** undefined: there is nothing of this name to wait for. */
  find(name: string): Room | undefined {
    return this.#kept(name)?.room;
  }

  saleStatus(name: string): SaleStatus | undefined {
    return name === SITE ? 'open' : this.#parts.sales.statusOf(name);
  }

  /** Refuses who has to wait first. Without a queue it asks nobody and keeps nobody waiting. */
  guard(name: string, user: string, header: string | readonly string[] | undefined): MaybeLater<Refusal | undefined> {
    const room = this.find(name);
    if (room === undefined || room.passes(user)) return undefined;
    const token = this.#passFor(name, user, header);
    if (token !== undefined) return undefined;
    return room.passesNow(user).then((passes) => (passes ? undefined : mustWait(name, header)));
  }

  /** A place that the client holds and may use: signed by us, for this room and this user. */
  placeFrom(name: string, user: string, header: unknown): number | undefined {
    const token = typeof header === 'string' ? this.#verify(header, 'place', name, user) : undefined;
    return token?.due;
  }

  /** Where the place stands; with a pass if its turn has come. */
  shown(room: Room, user: string, due: number): Entered {
    const now = room.now();
    const { name, line } = room;
    const place = this.#parts.tokens.sign({ kind: 'place', room: name, user, due, expiresAt: now + PLACE_MS });
    if (positionOf(line, due, now) > 0) {
      return { status: 'waiting', ...standingOf(line, due, now), place, pass: null, passExpiresAt: null };
    }
    room.arrived(user, due);
    return { status: 'admitted', position: 0, waitSeconds: 0, place, ...this.#passOf(room, user, due) };
  }

  /** Milliseconds after which it is worth asking again. */
  askAgainMs(room: Room, due: number): number {
    const wait = waitOf(room.line, due, room.now()) ?? Number.POSITIVE_INFINITY;
    return Math.min(Math.max(1_000, wait / 2), wait > 60_000 ? 10_000 : 5_000);
  }

  follow(name: string, waiter: Waiter): void {
    const kept = this.#kept(name);
    if (kept === undefined) return void waiter.raw.end();
    kept.waiters.join(waiter, kept.room.line, kept.room.now());
  }

  leave(name: string, raw: Waiter['raw']): void {
    this.#rooms.get(name)?.waiters.leave(raw);
  }

  admittedBytes(room: Room, user: string, due: number): Buffer {
    room.arrived(user, due);
    const { pass, passExpiresAt } = this.#passOf(room, user, due);
    return eventBytes('admitted', { pass, passExpiresAt: new Date(passExpiresAt).toISOString() }, 'admitted');
  }

  /** Everybody goes, and comes back with their place to another gateway. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopListening();
    await Promise.all(this.all().map(({ waiters }) => waiters.dismiss(Buffer.from(':\n\n'))));
  }

  #kept(name: string): Kept | undefined {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    const { rates, sales, shared, log } = this.#parts;
    const rate = name === SITE ? rates.site : rates.sale;
    if (rate === 0 || (name !== SITE && sales.find(name) === undefined)) return undefined;
    const from = (): number => (name === SITE ? 0 : (sales.find(name)?.sale.startsAt ?? 0));
    const kept = { room: new Room({ name, rate, shared, log, from }), waiters: new Waiters(), roundAt: 0 };
    this.#rooms.set(name, kept);
    return kept;
  }

  #passFor(name: string, user: string, header: string | readonly string[] | undefined): Token | undefined {
    if (header === undefined) return undefined;
    const passes = String(header).split(',', MAX_PASSES);
    for (const text of passes) {
      const token = this.#verify(text.trim(), 'pass', name, user);
      if (token !== undefined) return token;
    }
    return undefined;
  }

  #verify(text: string, kind: Token['kind'], room: string, user: string): Token | undefined {
    const token = this.#parts.tokens.verify(text, this.find(room)?.now() ?? Date.now());
    return token?.kind === kind && token.room === room && token.user === user ? token : undefined;
  }

  #passOf(room: Room, user: string, due: number): { pass: string; passExpiresAt: number } {
    const now = room.now();
    const passExpiresAt = Math.min(openUntil(room.line, due, now), now + WINDOW_MS);
    const pass = this.#parts.tokens.sign({ kind: 'pass', room: room.name, user, due, expiresAt: passExpiresAt });
    return { pass, passExpiresAt };
  }

  #tick(): void {
    for (const [name, kept] of this.#rooms) {
      const { room, waiters } = kept;
      const now = room.now();
      if (room.rate === undefined) void waiters.dismiss(eventBytes('closed', { reason: 'open-to-all' }, 'closed'));
      for (const { user, due, raw } of waiters.tick(room.line, now)) raw.end(this.admittedBytes(room, user, due));
      const idleFor = waiters.size > 0 ? 0 : now - room.usedAt;
      if (idleFor > FORGET_AFTER_MS && name !== SITE) this.#rooms.delete(name);
      const every = idleFor > IDLE_AFTER_MS ? IDLE_ROUND_MS : ROUND_MS;
      if (performance.now() - kept.roundAt < every) continue;
      kept.roundAt = performance.now();
      void room.refresh();
    }
  }

  #tell(saleId: string, status: SaleStatus): void {
    const waiters = this.#rooms.get(saleId)?.waiters;
    if (status === 'sold-out') void waiters?.dismiss(eventBytes('sold-out', { saleId }, 'sold-out'));
    if (status === 'ended') void waiters?.dismiss(eventBytes('closed', { reason: 'ended' }, 'closed'));
  }
}

export type MaybeLater<T> = T | Promise<T>;

function mustWait(room: string, header: unknown): Refusal {
  const enter = `/api/waiting-room/${room}/places`;
  return refuse('waiting-room', {
    detail: header === undefined ? 'POST to `enter` for a place.' : 'No pass that was sent is good for this room now.',
    headers: { 'retry-after': '2', link: `<${enter}>; rel="related"` },
    extra: { room, enter },
  });
}
