/**
 * How many different things were seen together with one other within a while: accounts on a device, orders of an account.
 *
 * A table of fixed size outside the heap, because half a million of them would be half a million objects for every
 * collection: for each key and window 64 bits, of which every value sets one (linear counting: Whang, Vander-Zanden,
 * Taylor, 1990). Exact to one or two up to a dozen, which is where rules look; the same value counts once, however often;
 * and what two gateways saw is what either saw, in any order and any number of times. A full neighbourhood forgets what is
 * of no use soonest.
 */

const WORDS = 4;
const PROBES = 8;
const BITS = 64;
/** All bits are set: at least so many. */
const MANY = 4 * BITS;

/** As it is told to other gateways. `until`: epoch second at which its window is of no use any more. */
export type Sighting = readonly [key: number, until: number, low: number, high: number];

export class Sightings {
  readonly #table: Uint32Array;
  readonly #mask: number;
  readonly #tellFrom: number;
  readonly #now: () => number;
  #untold = new Map<number, Sighting>();

  /** `places`: a power of two; 16 bytes each. `tellFrom`: fewer are nobody else's business. */
  constructor({ places = 1 << 19, tellFrom = 2, now = Date.now } = {}) {
    this.#table = new Uint32Array(places * WORDS);
    this.#mask = places - 1;
    this.#tellFrom = tellFrom;
    this.#now = now;
  }

  /** Counts `value`; returns how many there are now, this window and the last. */
  note(what: string, windowMs: number, key: string, value: string): number {
    const hash = keyOf(what, key);
    const until = this.#until(windowMs);
    const bit = mixed(hashOf(OFFSET, value)) & (BITS - 1);
    const place = this.#place(hash, until);
    const word = place + 2 + (bit >> 5);
    const before = this.#table[word] ?? 0;
    this.#table[word] = before | (1 << (bit & 31));
    const low = this.#table[place + 2] ?? 0;
    const high = this.#table[place + 3] ?? 0;
    if (this.#table[word] !== before && ones(low) + ones(high) >= this.#tellFrom) {
      this.#untold.set(place, [hash, until, low, high]);
    }
    return this.#count(hash, until, windowMs);
  }

  count(what: string, windowMs: number, key: string): number {
    return this.#count(keyOf(what, key), this.#until(windowMs), windowMs);
  }

  /** What has changed since the last call, `most` of it. */
  drain(most: number): readonly Sighting[] {
    const untold = [...this.#untold];
    this.#untold = new Map(untold.slice(most));
    return untold.slice(0, most).map(([, sighting]) => sighting);
  }

  /** What another gateway has seen. */
  merge(sightings: Iterable<Sighting>): void {
    for (const [hash, until, low, high] of sightings) {
      const place = this.#place(hash >>> 0, until >>> 0);
      this.#table[place + 2] = (this.#table[place + 2] ?? 0) | low;
      this.#table[place + 3] = (this.#table[place + 3] ?? 0) | high;
    }
  }

  #until(windowMs: number): number {
    return Math.ceil(((Math.floor(this.#now() / windowMs) + 2) * windowMs) / 1_000);
  }

  #count(hash: number, until: number, windowMs: number): number {
    const present = this.#find(hash, until);
    const last = this.#find(hash, until - Math.ceil(windowMs / 1_000));
    const set = ones(this.#bits(present, 2) | this.#bits(last, 2)) + ones(this.#bits(present, 3) | this.#bits(last, 3));
    return set >= BITS ? MANY : Math.round(BITS * Math.log(BITS / (BITS - set)));
  }

  #bits(place: number, offset: number): number {
    return place < 0 ? 0 : (this.#table[place + offset] ?? 0);
  }

  #find(hash: number, until: number): number {
    for (let probe = 0; probe < PROBES; probe++) {
      const place = ((hash + probe) & this.#mask) * WORDS;
      if (this.#table[place] === hash && this.#table[place + 1] === until) return place;
    }
    return -1;
  }

  #place(hash: number, until: number): number {
    const found = this.#find(hash, until);
    if (found >= 0) return found;
    let soonest = -1;
    for (let probe = 0; probe < PROBES; probe++) {
      const place = ((hash + probe) & this.#mask) * WORDS;
      if (soonest < 0 || (this.#table[place + 1] ?? 0) < (this.#table[soonest + 1] ?? 0)) soonest = place;
    }
    this.#table.set([hash, until, 0, 0], soonest);
    return soonest;
  }
}

const OFFSET = 0x811c9dc5;

/** FNV-1a, 32 bits. */
function hashOf(from: number, text: string): number {
  let hash = from;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const keyOf = (what: string, key: string): number => mixed(hashOf(hashOf(OFFSET, what), key));

/** FNV's low bits alone say little of the last characters. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (once ^ (once >>> 13)) >>> 0;
}

function ones(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
