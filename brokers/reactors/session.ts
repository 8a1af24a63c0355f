/**
 * One node's turn as the reader of a durable consumer: takes messages, runs their steps in lanes, says "still at it" to
 * the server about those that wait, and acks when all steps are done or buried.
 *
 * Order survives a change of reader: nothing is begun before all messages that the last reader had, and had not acked,
 * are in our hands (or its ack wait is long over). At the end of a turn the messages that were not begun are given back.
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
  readonly original?: (delivery: Delivery) => Message;
};

type Held = { delivery: Delivery; heldAt: number };

const POLL_MS = 50;

export class Session {
  readonly #options: SessionOptions;
  readonly #held = new Map<number, Held>();
  readonly #pull: Pull;
  readonly #working: NodeJS.Timeout;
  /** Taken before the lanes were opened; undefined once they are. */
  #collected: Delivery[] | undefined = [];
  #stopped = false;

  constructor(options: SessionOptions) {
    const { nc, stream, consumer, log } = options;
    this.#options = options;
    this.#working = setInterval(() => this.#stillAtIt(), ACK_WAIT_MS / 3).unref();
    this.#pull = new Pull({
      nc,
      stream,
      consumer,
      log,
      room: HELD_AT_MOST,
      onMessage: (message) => this.#take(message),
    });
    void this.#takeOver();
  }

  /** Messages in hand. */
  get held(): number {
    return this.#held.size;
  }

  /** Nothing more is taken. */
  close(): void {
    this.#stopped = true;
    this.#pull.stop();
  }

  /** What is still in hand goes back: after the lanes were stopped. */
  giveBack(): void {
    clearInterval(this.#working);
    const { nc } = this.#options;
    if (nc.isClosed()) return;
    for (const { delivery } of this.#held.values()) nc.publish(delivery.reply, '-NAK');
  }

  async #takeOver(): Promise<void> {
    const { jsm, stream, consumer, log } = this.#options;
    const began = performance.now();
    const enough = began + ACK_WAIT_MS + 1_000;
    while (!this.#stopped && performance.now() < enough) {
      try {
        const info = await jsm.consumers.info(stream, consumer);
        const delivered = info.delivered.stream_seq;
        let ours = 0;
        for (const sequence of this.#held.keys()) if (sequence <= delivered) ours++;
        if (info.num_ack_pending <= ours) break;
      } catch (error) {
        log.warn({ event: 'consumer-info-failed', consumer, err: error });
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    const collected = this.#collected ?? [];
    this.#collected = undefined;
    if (this.#stopped) return;
    log.info({ event: 'reactor-reading', consumer, afterMs: Math.round(performance.now() - began) });
    collected.sort((a, b) => a.sequence - b.sequence);
    for (const delivery of collected) this.#begin(delivery);
  }

  #take(delivery: Delivery): void {
    const known = this.#held.get(delivery.sequence);
    if (known !== undefined) {
      // The server lost patience with us, but we are at it: its later question is the one to answer.
      known.delivery = delivery;
      this.#pull.released();
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
    this.#pull.released();
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
