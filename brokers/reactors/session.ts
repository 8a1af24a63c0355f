/**
 * One node's turn as the reader of a durable consumer: takes messages, runs their steps in lanes, says "still at it" to
 * the server about those that wait, and acks when all steps are done or buried.
 *
 * Order survives a change of reader. What the last reader had and did not ack is delivered again before all else: the
 * consumer is set back to its ack floor, which repeats what was acked above it. Where that would be too much, nothing is
 * begun before all that is owed has come (or the last reader's ack wait is long over). At the end of a turn the messages
 * that were not finished are given back.
 */
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import { ACK_WAIT_MS, HELD_AT_MOST } from '../../config/streams.ts';
import type { JetStreamPublisher } from '../../stores/nats/publisher.ts';
import { bury, UNREAD } from './dead-letters.ts';
import type { Lanes, Work } from './lanes.ts';
import { type Delivery, Pull } from './pull.ts';
import { type Patience, retryAfter } from './retries.ts';
import type { Message, Source, Step } from './source.ts';

export type SessionOptions = {
  readonly nc: NatsConnection;
  readonly jsm: JetStreamManager;
  readonly publisher: Pick<JetStreamPublisher, 'publish'>;
  /** What is read of the consumer, and what the letters to the dead are made of: the same, but for redriven ones. */
  readonly source: Source;
  readonly stream: string;
  readonly consumer: string;
  readonly lanes: Lanes;
  readonly patience: Patience;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Messages above the ack floor that may be done again for the sake of a quick start. Default 20,000. */
  readonly repeatAtMost?: number;
  readonly original?: (delivery: Delivery) => Message;
};

type Held = { delivery: Delivery; heldAt: number };

const POLL_MS = 50;
const REPEAT_AT_MOST = 20_000;

export class Session {
  readonly #options: SessionOptions;
  readonly #held = new Map<number, Held>();
  #pull: Pull | undefined;
  readonly #working: NodeJS.Timeout;
  /** Taken before the lanes were opened; undefined once they are. */
  #collected: Delivery[] | undefined = [];
  #stopped = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#working = setInterval(() => this.#stillAtIt(), ACK_WAIT_MS / 3).unref();
    void this.#takeOver();
  }

  /** Messages in hand. */
  get held(): number {
    return this.#held.size;
  }

  /** Nothing more is taken. */
  close(): void {
    this.#stopped = true;
    this.#pull?.stop();
  }

  /** What is still in hand goes back: after the lanes were stopped. */
  giveBack(): void {
    clearInterval(this.#working);
    const { nc } = this.#options;
    if (nc.isClosed()) return;
    for (const { delivery } of this.#held.values()) nc.publish(delivery.reply, '-NAK');
  }

  async #takeOver(): Promise<void> {
    const { nc, stream, consumer, log } = this.#options;
    const began = performance.now();
    const settled = await this.#setBack();
    if (this.#stopped) return;
    this.#pull = new Pull({
      nc,
      stream,
      consumer,
      log,
      room: HELD_AT_MOST,
      onMessage: (message) => this.#take(message),
    });
    if (!settled) await this.#collect(began + ACK_WAIT_MS + 1_000);
    const collected = this.#collected ?? [];
    this.#collected = undefined;
    if (this.#stopped) return;
    log.info({ event: 'reactor-reading', consumer, afterMs: Math.round(performance.now() - began) });
    collected.sort((a, b) => a.sequence - b.sequence);
    for (const delivery of collected) this.#begin(delivery);
  }

  /** True: nothing is owed to an earlier reader any more. */
  async #setBack(): Promise<boolean> {
    const { jsm, stream, consumer, log, repeatAtMost = REPEAT_AT_MOST } = this.#options;
    try {
      const { num_ack_pending, delivered, ack_floor } = await jsm.consumers.info(stream, consumer);
      if (num_ack_pending === 0) return true;
      if (delivered.stream_seq - ack_floor.stream_seq > repeatAtMost) return false;
      await jsm.consumers.reset(stream, consumer);
      return true;
    } catch (error) {
      log.warn({ event: 'consumer-not-set-back', consumer, err: error });
      return false;
    }
  }

  /** Until all that was delivered and not acked is in our hands. */
  async #collect(enough: number): Promise<void> {
    const { jsm, stream, consumer, log } = this.#options;
    while (!this.#stopped && performance.now() < enough) {
      try {
        const { delivered, num_ack_pending } = await jsm.consumers.info(stream, consumer);
        let ours = 0;
        for (const sequence of this.#held.keys()) if (sequence <= delivered.stream_seq) ours++;
        if (num_ack_pending <= ours) return;
      } catch (error) {
        log.warn({ event: 'consumer-info-failed', consumer, err: error });
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #take(delivery: Delivery): void {
    const known = this.#held.get(delivery.sequence);
    if (known !== undefined) {
      // The server lost patience with us, but we are at it: its later question is the one to answer.
      known.delivery = delivery;
      this.#pull?.released();
      return;
    }
    this.#held.set(delivery.sequence, { delivery, heldAt: performance.now() });
    if (this.#collected === undefined) this.#begin(delivery);
    else this.#collected.push(delivery);
  }

  #begin(delivery: Delivery): void {
    const { source, lanes, original = (same) => same } = this.#options;
    const { sequence, subject } = delivery;
    let message: Message = delivery;
    try {
      message = original(delivery);
      const { lane, steps } = source.read(delivery);
      if (steps.length === 0) this.#done(sequence);
      else lanes.push(this.#work(lane, steps, message, sequence));
    } catch (error) {
      const step = { name: UNREAD, run: () => Promise.reject(new Unreadable(subject, { cause: error })) };
      lanes.push(this.#work(subject, [step], message, sequence));
    }
  }

  #work(lane: string, steps: readonly Step[], message: Message, sequence: number): Work {
    const { publisher, source, patience, log } = this.#options;
    let next = 0;
    let tries = 0;
    const run = async (): Promise<number | undefined> => {
      for (; next < steps.length; next++) {
        const step = steps[next] as Step;
        try {
          await inTime(step.run(), patience.stepMs);
        } catch (error) {
          tries++;
          const wait = retryAfter(error, tries, patience);
          const about = { reactor: source.name, lane, step: step.name, sequence: message.sequence, tries, err: error };
          if (wait !== undefined) {
            if (wait.counted) log.warn({ event: 'reaction-failed', ...about, retryInMs: Math.round(wait.ms) });
            else tries--;
            return wait.ms;
          }
          log.error({ event: 'reaction-buried', ...about });
          if (!(await bury(publisher, source, message, { step: step.name, error, tries }))) {
            tries--;
            return patience.mostMs;
          }
        }
        tries = 0;
      }
      this.#done(sequence);
      return undefined;
    };
    return { lane, run };
  }

  #done(sequence: number): void {
    const held = this.#held.get(sequence);
    if (held === undefined) return;
    this.#held.delete(sequence);
    const { nc } = this.#options;
    if (!nc.isClosed()) nc.publish(held.delivery.reply);
    this.#pull?.released();
  }

  #stillAtIt(): void {
    const { nc } = this.#options;
    if (nc.isClosed()) return;
    const before = performance.now() - ACK_WAIT_MS / 3;
    for (const { delivery, heldAt } of this.#held.values()) if (heldAt < before) nc.publish(delivery.reply, '+WPI');
  }
}

class Unreadable extends Error {
  readonly code = 'unreadable';
  readonly retryable = false;
  constructor(subject: string, options: { cause: unknown }) {
    super(`${subject}: ${options.cause instanceof Error ? options.cause.message : 'unreadable'}`, options);
    this.name = 'Unreadable';
  }
}

/** A step that hangs is given up on; its lane goes on, and what it still does is harmless as any repeat. */
async function inTime(step: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}
