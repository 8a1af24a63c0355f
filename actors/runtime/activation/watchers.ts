/** Who waits for an actor's next version. At its deadline a watcher becomes a read: it too sees durable state only. */

import type { FailureCode } from '../envelope.ts';
import type { ActorSystem } from './actor-system.ts';
import { fail, type WatchMessage } from './mailbox.ts';

type Watcher = { readonly message: WatchMessage; readonly cancel: () => void };

export class Watchers {
  readonly #system: ActorSystem;
  readonly #expired: (message: WatchMessage) => void;
  #waiting: readonly Watcher[] = [];

  constructor(system: ActorSystem, expired: (message: WatchMessage) => void) {
    this.#system = system;
    this.#expired = expired;
  }

  get size(): number {
    return this.#waiting.length;
  }

  add(message: WatchMessage): void {
    const { clock } = this.#system;
    const cancel = clock.after(Math.max(message.deadline - clock.now(), 0), () => {
      this.#keep(this.#waiting.filter((watcher) => watcher.message !== message));
      this.#expired(message);
    });
    this.#keep([...this.#waiting, { message, cancel }]);
  }

  /** Takes out those that have not seen `version`. */
  behind(version: number): readonly WatchMessage[] {
    if (this.#waiting.length === 0) return [];
    const behind = this.#waiting.filter(({ message }) => message.after < version);
    this.#keep(this.#waiting.filter(({ message }) => message.after >= version));
    for (const { cancel } of behind) cancel();
    return behind.map(({ message }) => message);
  }

  fail(code: FailureCode): void {
    const waiting = this.#waiting;
    this.#keep([]);
    for (const { message, cancel } of waiting) {
      cancel();
      fail(message, code);
    }
  }

  #keep(waiting: readonly Watcher[]): void {
    this.#system.gauges.watchers += waiting.length - this.#waiting.length;
    this.#waiting = waiting;
  }
}
