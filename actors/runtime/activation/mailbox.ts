/** What waits for an actor: commands, reads and watchers, in the order in which they came; bounded. */
import type { Instant } from '../../ids.ts';
import type { CommandEnvelope, FailureCode, Outcome, Read, Reply } from '../envelope.ts';
import type { Rejection } from '../kind.ts';

export type CommandReply = Reply<Outcome<unknown, Rejection>>;
export type ReadReply = Reply<Read<unknown>>;

export type CommandMessage = {
  readonly type: 'command';
  readonly envelope: CommandEnvelope;
  readonly answer: (reply: CommandReply) => void;
  /** Decided, but not told before the commit is durable. */
  reply: CommandReply | undefined;
  /** Its own code threw: not tried again. */
  poisoned: boolean;
};

export type ReadMessage = {
  readonly type: 'read';
  readonly deadline: Instant;
  readonly answer: (reply: ReadReply) => void;
};

export type WatchMessage = {
  readonly type: 'watch';
  /** The version that the watcher has seen. */
  readonly after: number;
  readonly deadline: Instant;
  readonly answer: (reply: ReadReply) => void;
};

export type Message = CommandMessage | ReadMessage | WatchMessage;

export const fail = (message: Message, failure: FailureCode): void => message.answer({ failure });

/** Whoever sent it has given up. */
export const expired = (message: Message, now: Instant): boolean =>
  now > (message.type === 'command' ? message.envelope.deadline : message.deadline);

export class Mailbox {
  readonly #bound: number;
  #waiting: Message[] = [];

  constructor(bound: number) {
    this.#bound = bound;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** False: full. */
  put(message: Message): boolean {
    if (this.#waiting.length >= this.#bound) return false;
    this.#waiting.push(message);
    return true;
  }

  /** The oldest `most` of them; all, without copying, when there are no more than that. */
  take(most: number): Message[] {
    const waiting = this.#waiting;
    if (waiting.length <= most) {
      this.#waiting = [];
      return waiting;
    }
    this.#waiting = waiting.slice(most);
    return waiting.slice(0, most);
  }

  /** Before all that came since. */
  putBack(messages: readonly Message[]): void {
    this.#waiting = [...messages, ...this.#waiting];
  }
}
