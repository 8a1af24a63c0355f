import { setTimeout as pause } from 'node:timers/promises';

/** A process that runs: a server, or one of Haat's own. */
export type Running = {
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
};

export type Watcher<R extends Running> = {
  /** It ended without having been asked to; it will be started again in `retryInMs`. */
  readonly down: (was: R, why: string, retryInMs: number) => void;
  readonly up: (is: R) => void;
  /** The new start failed; the next follows in `retryInMs`. */
  readonly failed: (error: unknown, retryInMs: number) => void;
};

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** What ran this long was well: the next pause is a short one again. */
const STABLE_MS = 20_000;

/** Keeps one process running: started again when it dies, after pauses that grow while it keeps dying. */
export class Supervised<R extends Running> {
  readonly #launch: () => Promise<R>;
  readonly #watcher: Watcher<R>;
  readonly #stopping = new AbortController();
  #current: R | undefined;
  #watching: Promise<void> = Promise.resolve();

  constructor(launch: () => Promise<R>, watcher: Watcher<R>) {
    this.#launch = launch;
    this.#watcher = watcher;
  }

  /** The first start. If it fails, nothing is supervised. */
  async start(): Promise<R> {
    const first = await this.#launch();
    this.#current = first;
    // Asked to stop while it was starting.
    if (this.#stopping.signal.aborted) await first.stop();
    this.#watching = this.#watch(first);
    return first;
  }

  /** Ends it, and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#current?.stop();
    await this.#watching;
  }

  async #watch(first: R): Promise<void> {
    let failures = 0;
    for (let current = first; ; ) {
      const since = Date.now();
      const { code, signal } = await current.exited;
      if (this.#stopping.signal.aborted) return;
      failures = Date.now() - since > STABLE_MS ? 0 : failures + 1;
      this.#watcher.down(current, signal ?? `code ${code}`, pauseAfter(failures));
      const next = await this.#again(failures);
      if (next === undefined) return;
      current = next;
    }
  }

  async #again(failures: number): Promise<R | undefined> {
    for (let attempt = failures; ; attempt++) {
      await pause(pauseAfter(attempt), undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return undefined;
      try {
        const next = await this.#launch();
        this.#current = next;
        // Asked to stop while it was starting: `stop` has not seen it.
        if (this.#stopping.signal.aborted) await next.stop();
        else this.#watcher.up(next);
        return next;
      } catch (error) {
        this.#watcher.failed(error, pauseAfter(attempt + 1));
      }
    }
  }
}

const pauseAfter = (failures: number): number =>
  Math.round(Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS) * (0.75 + Math.random() / 2));
