/** Two ways to offer load. Both end when what was begun has ended. */

/** Everyone begins anew as soon as they are done: as much as the system takes. Resolves with how long it went on, ms. */
export async function closedLoop<T>(
  people: readonly T[],
  seconds: number,
  one: (person: T) => Promise<void>,
): Promise<number> {
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    people.map(async (person) => {
      while (performance.now() < end) await one(person);
    }),
  );
  return performance.now() - began;
}

/** For an open loop: arrivals for so long. */
export function forSeconds(seconds: number): () => boolean {
  const end = performance.now() + seconds * 1000;
  return () => performance.now() < end;
}

export type OpenLoop = {
  readonly offered: number;
  readonly tookMs: number;
  /** The most that waited for someone who was free: where it grows, the system is behind. */
  readonly longestQueue: number;
};

const TICK_MS = 1;

/**
 * Arrivals at random (Poisson) at `perSecond`, whatever the system does. `one` is told when it was meant to begin, and
 * counts from there: an arrival that had to wait for the one before it has waited (no coordinated omission).
 */
export async function openLoop<T>(
  people: readonly T[],
  perSecond: number,
  comeStill: () => boolean,
  one: (person: T, meantAt: number) => Promise<void>,
): Promise<OpenLoop> {
  const free = [...people];
  const queue: number[] = [];
  let offered = 0;
  let longestQueue = 0;
  let running = 0;
  let failure: unknown;
  const began = performance.now();
  let open = true;
  let next = began + gap(perSecond);

  const serve = (): void => {
    while (queue.length > 0) {
      const person = free.pop();
      if (person === undefined) return;
      const meantAt = queue.shift() ?? 0;
      running += 1;
      one(person, meantAt)
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => {
          running -= 1;
          free.push(person);
          serve();
        });
    }
  };
  while (failure === undefined) {
    const now = performance.now();
    open &&= comeStill();
    for (; open && next <= now; next += gap(perSecond)) {
      queue.push(next);
      offered += 1;
    }
    serve();
    longestQueue = Math.max(longestQueue, queue.length);
    if (!open && queue.length === 0 && running === 0) break;
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  if (failure !== undefined) throw failure;
  return { offered, tookMs: performance.now() - began, longestQueue };
}

const gap = (perSecond: number): number => (-Math.log(1 - Math.random()) * 1000) / perSecond;
