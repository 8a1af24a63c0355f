/**
 * One node's turn as the reader of a durable consumer: takes messages, runs their steps in lanes, says "still at it" to
 * the server about those that wait, and acks when all steps are done or buried.
 *
 * While this node alone hosts the kind, its commits are taken from its own feed, without the server: it is told the floor
 * twice a second, from which the next reader repeats what was done since. Sequences say whether anything is missing, and
 * then the stream is read again, from the floor.
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
import type { CommitFeed, Tap } from './commit-feed.ts';
import type { Lanes, Work } from './lanes.ts';
import { Progress } from './progress.ts';
import { type Delivery, Pull } from './pull.ts';
import type { Patience } from './retries.ts';
import type { LiveMessage, Message, Source, Step } from './source.ts';
import { unreadable, workOn } from './steps.ts';

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
  /** This node's own commits; undefined: the stream is all there is to read. */
  readonly feed?: CommitFeed;
};

/** `reply` is where the ack goes; undefined: it came from the feed. */
type Held = { reply: string | undefined; readonly heldAt: number };

const POLL_MS = 50;
const REPEAT_AT_MOST = 20_000;
/** How often the floor is told to the server, and the server asked whether there is more than the feed brought. */
const RECORD_MS = 500;
/** Done above the floor at most; more is left to the server to remember. */
const REMEMBERED_AT_MOST = 20_000;
const RESET_AGAIN_MS = 250;

export class Session {
  readonly #options: SessionOptions;
  readonly #held = new Map<number, Held>();
  #pull: Pull | undefined;
  readonly #working: NodeJS.Timeout;
  readonly #progress = new Progress();
  readonly #tap: Tap<LiveMessage> | undefined;
  /** Set while the feed is read. */
  #recording: NodeJS.Timeout | undefined;
  #recorded = 0;
  /** The stream reached so far when last asked. */
  #reached = 0;
  /** Taken before the lanes were opened; undefined once they are. */
  #collected: Delivery[] | undefined = [];
  #stopped = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#working = setInterval(() => this.#stillAtIt(), ACK_WAIT_MS / 3).unref();
    const { live } = options.source;
    this.#tap = live === undefined ? undefined : options.feed?.tap(live.kind, live.read);
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
    this.#tap?.close();
  }

  /** What is still in hand goes back: after the lanes were stopped. */
  async giveBack(): Promise<void> {
    clearInterval(this.#working);
    const { nc } = this.#options;
    if (nc.isClosed()) return;
    if (this.#recording !== undefined) {
      clearInterval(this.#recording);
      // Not told: the next reader repeats a little more.
      await this.#record().catch(() => undefined);
    }
    for (const { reply } of this.#held.values()) if (reply !== undefined) nc.publish(reply, '-NAK');
  }

  async #takeOver(): Promise<void> {
    const { consumer, log } = this.#options;
    const began = performance.now();
    const floor = await this.#setBack();
    if (this.#stopped) return;
    if (floor !== undefined) this.#progress.restart(floor);
    this.#readStream();
    if (floor === undefined) await this.#collect(began + ACK_WAIT_MS + 1_000);
    const collected = this.#collected ?? [];
    this.#collected = undefined;
    if (this.#stopped) return;
    log.info({ event: 'reactor-reading', consumer, afterMs: Math.round(performance.now() - began) });
    collected.sort((a, b) => a.sequence - b.sequence);
    for (const delivery of collected) this.#begin(delivery);
  }

  #readStream(): void {
    const { nc, stream, consumer, log } = this.#options;
    const onMessage = (message: Delivery): void => this.#take(message);
    this.#pull = new Pull({ nc, stream, consumer, log, room: HELD_AT_MOST, onMessage });
  }

  /** The floor, above which everything will come; undefined: something may still be owed to an earlier reader. */
  async #setBack(): Promise<number | undefined> {
    const { jsm, stream, consumer, log, repeatAtMost = REPEAT_AT_MOST } = this.#options;
    try {
      const { num_ack_pending, delivered, ack_floor } = await jsm.consumers.info(stream, consumer);
      if (num_ack_pending === 0) return delivered.stream_seq;
      if (delivered.stream_seq - ack_floor.stream_seq > repeatAtMost) return undefined;
      await jsm.consumers.reset(stream, consumer);
      return ack_floor.stream_seq;
    } catch (error) {
      log.warn({ event: 'consumer-not-set-back', consumer, err: error });
      return undefined;
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
    const { sequence, reply } = delivery;
    this.#progress.take(sequence);
    const known = this.#held.get(sequence);
    if (known !== undefined) {
      // The server lost patience with us, but we are at it: its later question is the one to answer. What came from the
      // feed takes up room from now on.
      if (known.reply !== undefined) this.#pull?.released();
      known.reply = reply;
      return;
    }
    if (this.#progress.isDone(sequence)) {
      this.#ack(reply);
      this.#pull?.released();
      return;
    }
    this.#held.set(sequence, { reply, heldAt: performance.now() });
    if (this.#collected === undefined) this.#begin(delivery);
    else this.#collected.push(delivery);
    this.#joinFeed();
  }

  /** Where the stream and the feed meet, and little enough is undone to be remembered here. */
  #joinFeed(): void {
    const { seen } = this.#progress;
    if (this.#tap === undefined || this.#collected !== undefined || seen === undefined) return;
    if (this.#held.size > HELD_AT_MOST / 2 || this.#progress.remembered > REMEMBERED_AT_MOST / 2) return;
    const following = this.#tap.join(
      seen,
      (message) => this.#takeLive(message),
      () => void this.#backToStream(),
    );
    if (following === undefined) return;
    this.#pull?.stop();
    this.#pull = undefined;
    this.#reached = 0;
    this.#recording = setInterval(() => void this.#look(), RECORD_MS).unref();
    for (const message of following) this.#takeLive(message);
  }

  #takeLive(message: LiveMessage): void {
    const { sequence, lane, steps } = message;
    this.#progress.take(sequence);
    if (steps.length === 0) return;
    this.#held.set(sequence, { reply: undefined, heldAt: performance.now() });
    this.#options.lanes.push(this.#work(lane, steps, message, sequence));
    if (this.#held.size > HELD_AT_MOST || this.#progress.remembered > REMEMBERED_AT_MOST) this.#tap?.lose();
  }

  /** Something was missing in the feed, or there is too much in hand: the server keeps count again. */
  async #backToStream(): Promise<void> {
    const { consumer, log } = this.#options;
    clearInterval(this.#recording);
    this.#recording = undefined;
    while (!this.#stopped) {
      try {
        const floor = await this.#record();
        if (this.#stopped) return;
        log.info({ event: 'reactor-back-to-stream', consumer, floor });
        this.#progress.restart(floor);
        this.#readStream();
        return;
      } catch (error) {
        log.warn({ event: 'consumer-not-set-back', consumer, err: error });
        await new Promise((resolve) => setTimeout(resolve, RESET_AGAIN_MS * (0.5 + Math.random())));
      }
    }
  }

  /** Tells the server the floor. Rejects when it does not answer. */
  async #record(): Promise<number> {
    const { jsm, stream, consumer } = this.#options;
    const floor = this.#progress.floor(this.#held.keys()) ?? 0;
    const { num_pending } = await jsm.consumers.reset(stream, consumer, floor + 1);
    this.#recorded = floor;
    this.#reached = floor + num_pending;
    return floor;
  }

  /** While the feed is read: is there more in the stream than came by? */
  async #look(): Promise<void> {
    const { jsm, stream, consumer, log } = this.#options;
    if (this.#reached > (this.#progress.seen ?? 0)) {
      this.#tap?.lose();
      return;
    }
    try {
      if ((this.#progress.floor(this.#held.keys()) ?? 0) > this.#recorded) {
        await this.#record();
      } else {
        const { num_pending, delivered } = await jsm.consumers.info(stream, consumer);
        this.#reached = delivered.stream_seq + num_pending;
      }
    } catch (error) {
      log.warn({ event: 'floor-not-recorded', consumer, err: error });
    }
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
      lanes.push(this.#work(subject, [unreadable(subject, error)], message, sequence));
    }
  }

  #work(lane: string, steps: readonly Step[], message: Message, sequence: number): Work {
    return workOn(this.#options, { lane, steps, message, done: () => this.#done(sequence) });
  }

  #done(sequence: number): void {
    const held = this.#held.get(sequence);
    if (held === undefined) return;
    this.#held.delete(sequence);
    // While the feed is read, or the floor being told, the server takes no acks.
    if (this.#pull === undefined || held.reply === undefined) this.#progress.done(sequence);
    if (held.reply === undefined) return;
    this.#ack(held.reply);
    this.#pull?.released();
  }

  #ack(reply: string): void {
    const { nc } = this.#options;
    if (!nc.isClosed()) nc.publish(reply);
  }

  #stillAtIt(): void {
    const { nc } = this.#options;
    if (nc.isClosed()) return;
    const before = performance.now() - ACK_WAIT_MS / 3;
    for (const { reply, heldAt } of this.#held.values())
      if (reply !== undefined && heldAt < before) nc.publish(reply, '+WPI');
  }
}
