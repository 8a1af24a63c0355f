/**
 * What a command takes while nobody waits: the least median of the last minutes. On a log that syncs every write or asks
 * three servers it is ten times what it is on another; only what comes on top of it is a queue.
 */
import type { CallFigures } from '../../brokers/rpc/call-figures.ts';

const WINDOW_TICKS = 100;
const WINDOWS = 30;
/** Fewer say nothing of the usual. */
const ENOUGH = 10;

export class UsualTime {
  /** The least of each window, the present one last. */
  readonly #least: number[] = [Number.POSITIVE_INFINITY];
  #ticks = 0;

  note({ answered, medianMs }: Pick<CallFigures, 'answered' | 'medianMs'>): void {
    if (++this.#ticks % WINDOW_TICKS === 0) {
      this.#least.push(Number.POSITIVE_INFINITY);
      if (this.#least.length > WINDOWS) this.#least.shift();
    }
    if (answered < ENOUGH) return;
    const present = this.#least.length - 1;
    this.#least[present] = Math.min(this.#least[present] ?? medianMs, medianMs);
  }

  /** 0: not known yet. */
  get ms(): number {
    const least = Math.min(...this.#least);
    return Number.isFinite(least) ? least : 0;
  }
}
