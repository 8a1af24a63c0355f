/** How late this process comes to what is ready: what a request waits before anything is done for it. */
const EVERY_MS = 20;
/** Half a second: a pause that is over is no queue. */
const WINDOW = 25;

export type LoopDelay = {
  /** What half of the requests of the last half second have waited, ms. One collection or one neighbour's burst is not it. */
  readonly medianMs: () => number;
  readonly stop: () => void;
};

export function watchLoopDelay(): LoopDelay {
  const window = new DelayWindow();
  let last = performance.now();
  const timer = setInterval(() => {
    const at = performance.now();
    window.add(at - last - EVERY_MS);
    last = at;
  }, EVERY_MS);
  timer.unref();
  return { medianMs: () => window.medianMs(), stop: () => clearInterval(timer) };
}

/** Slots of 20 ms each. */
export class DelayWindow {
  readonly #late = new Float64Array(WINDOW);
  #samples = 0;

  /** What was due while the process was away is late too, each the less the later it was due. */
  add(lateMs: number): void {
    for (let late = Math.min(lateMs, EVERY_MS * WINDOW); late > -EVERY_MS; late -= EVERY_MS) {
      this.#late[this.#samples++ % WINDOW] = Math.max(0, late);
    }
  }

  medianMs(): number {
    return this.#late.toSorted()[WINDOW >> 1] ?? 0;
  }
}
