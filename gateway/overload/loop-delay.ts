/** How late this process comes to what is ready: what a request waits before anything is done for it. */
const EVERY_MS = 20;

export type LoopDelay = {
  /** Mean lateness since it was last asked, ms. */
  readonly take: () => number;
  readonly stop: () => void;
};

export function watchLoopDelay(now: () => number = () => performance.now()): LoopDelay {
  let last = now();
  let late = 0;
  let samples = 0;
  const timer = setInterval(() => {
    const at = now();
    late += Math.max(0, at - last - EVERY_MS);
    samples += 1;
    last = at;
  }, EVERY_MS);
  timer.unref();
  return {
    take() {
      const mean = samples === 0 ? Math.max(0, now() - last - EVERY_MS) : late / samples;
      late = 0;
      samples = 0;
      return mean;
    },
    stop: () => clearInterval(timer),
  };
}
