/** A server that is started again when it dies, as the launcher does with its own; unless it was taken down. */
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningServer } from '../../brokers/launcher/servers/child.ts';

const AGAIN_MS = 200;

export class KeptServer {
  readonly #launch: () => Promise<RunningServer>;
  #running: RunningServer | undefined;
  #starting: Promise<void> = Promise.resolve();
  #wanted = false;

  constructor(launch: () => Promise<RunningServer>) {
    this.#launch = launch;
  }

  /** Undefined while it is down. */
  get pid(): number | undefined {
    return this.#running?.pid;
  }

  bringUp(): Promise<void> {
    this.#wanted = true;
    const started = this.#starting.then(() => this.#start());
    this.#starting = started.catch(() => undefined);
    return started;
  }

  /** At once, and it stays down. */
  async takeDown(): Promise<void> {
    this.#wanted = false;
    await this.#starting;
    const running = this.#running;
    this.#running = undefined;
    await running?.kill();
  }

  async #start(): Promise<void> {
    if (!this.#wanted || this.#running !== undefined) return;
    const running = await this.#launch();
    this.#running = running;
    void running.exited.then(() => this.#again(running));
  }

  async #again(was: RunningServer): Promise<void> {
    if (this.#running === was) this.#running = undefined;
    while (this.#wanted && this.#running === undefined) {
      await pause(AGAIN_MS, undefined, { ref: false });
      // Not started this time: the next look tells.
      if (this.#wanted) await this.bringUp().catch(() => undefined);
    }
  }
}
