/** How late this process comes to what is ready: what a request waits before anything is done for it. */
const EVERY_MS = 20;
/** Half a second: a pause that is over is no queue. */
const WINDOW = 25;

export type LoopDelay = {
  /** The median lateness over the last half second, ms: one collection or one neighbour's burst does not move it. */
  readonly medianMs: () => number;
  readonly stop: () => void;
};

export function watchLoopDelay(now: () => number = () => performance.now()): LoopDelay {
  const late = new Float64Array(WINDOW);
  let samples = 0;
  let last = now();
  const timer = setInterval(() => {
    const at = now();
    late[samples++ % WINDOW] = Math.max(0, at - last - EVERY_MS);
    last = at;
  }, EVERY_MS);
  timer.unref();
  return {
    medianMs: () => late.toSorted()[WINDOW >> 1] ?? 0,
    stop: () => clearInterval(timer),
  };
}
