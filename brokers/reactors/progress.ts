/**
 * How far a reader of a stream has come: up to where it has taken every message, which of those it has in hand, and so
 * the floor, up to which all is done and nothing has to be read again.
 */
export class Progress {
  #seen: number | undefined;
  /** Taken, beyond one that has not come yet. */
  readonly #ahead = new Set<number>();
  /** Done above the floor, without the server knowing. */
  readonly #done = new Set<number>();

  /** Every message up to here was taken; undefined: not known. */
  get seen(): number | undefined {
    return this.#seen;
  }

  /** Done and still to be remembered. */
  get remembered(): number {
    return this.#done.size;
  }

  /** Reading goes on after `floor`. */
  restart(floor: number): void {
    this.#seen = floor;
    this.#ahead.clear();
  }

  take(sequence: number): void {
    if (this.#seen === undefined || sequence <= this.#seen) return;
    if (sequence > this.#seen + 1) {
      this.#ahead.add(sequence);
      return;
    }
    this.#seen = sequence;
    while (this.#ahead.delete(this.#seen + 1)) this.#seen += 1;
  }

  done(sequence: number): void {
    this.#done.add(sequence);
  }

  isDone(sequence: number): boolean {
    return this.#done.has(sequence);
  }

  /** `held`: in hand. Forgets what is below the floor. */
  floor(held: Iterable<number>): number | undefined {
    if (this.#seen === undefined) return undefined;
    let floor = this.#seen;
    for (const sequence of held) if (sequence <= floor) floor = sequence - 1;
    for (const sequence of this.#done) if (sequence <= floor) this.#done.delete(sequence);
    return floor;
  }
}
