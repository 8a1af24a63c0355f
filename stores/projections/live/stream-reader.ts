/**
 * A stream from one message on, in order and without a gap, or a StreamBroken. The place to resume from is the
 * projection's position in PostgreSQL and nothing else, so the consumer on the server is a throwaway: no acks, gone
 * when it is not read for a while. A second, durable position there could only disagree with the first.
 */
import { AckPolicy, DeliverPolicy, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, nanos, nuid } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import type { Tap } from '../../../brokers/reactors/commit-feed.ts';
import { type Delivery, Pull } from '../../../brokers/reactors/pull.ts';
import type { StoredCommit } from '../projection.ts';

/** What the connection or the server dropped may be missing from here on: open it again. */
export class StreamBroken extends Error {
  readonly code = 'stream-broken';
  readonly retryable = true;
  constructor(stream: string, why: string, options?: { cause?: unknown }) {
    super(`${stream}: ${why}`, options);
    this.name = 'StreamBroken';
  }
}

/** The tables know commits that the stream does not have: it was lost, or is another one. */
export class StreamBehind extends Error {
  readonly code = 'stream-behind';
  readonly retryable = false;
  constructor(stream: string, last: number, from: number) {
    super(`${stream} ends at ${last}, and is to be read from ${from}: make the tables anew with npm run rebuild`);
    this.name = 'StreamBehind';
  }
}

export type StreamReaderOptions = {
  readonly nc: NatsConnection;
  readonly stream: string;
  /** Sequence of the first message wanted. */
  readonly from: number;
  readonly log: Pick<Logger, 'warn'>;
  /** Messages held here at most. Default 2,000. */
  readonly room?: number;
  /** This node's own commits: once the stream has been read so far, they are taken from here. */
  readonly tap?: Tap<StoredCommit>;
};

/** Longer than any pause in reading: while there is no room, nothing is asked for. */
const FORGOTTEN_AFTER_MS = 5 * 60_000;
/** Also how late it may be noticed that the feed lacks the stream's last message. */
const LOOK_MS = 1_000;
const API_TIMEOUT_MS = 2_000;
const ROOM = 2_000;

export class StreamReader {
  readonly #options: StreamReaderOptions;
  readonly #jsm: JetStreamManager;
  readonly #consumer: string;
  readonly #pull: Pull;
  readonly #watch: NodeJS.Timeout;
  #queue: StoredCommit[] = [];
  #delivered = 0;
  /** Sequence of the last message taken. */
  #seen: number;
  #tapped = false;
  /** The stream reached so far when last asked. */
  #reached = 0;
  #broken: StreamBroken | undefined;
  #closed = false;
  #wake: () => void = () => {};

  /** Rejects with StreamBehind, or when JetStream does not answer. */
  static async open(options: StreamReaderOptions): Promise<StreamReader> {
    const { nc, stream, from } = options;
    const jsm = await jetstreamManager(nc, { timeout: API_TIMEOUT_MS });
    const { state } = await jsm.streams.info(stream);
    if (state.last_seq + 1 < from) throw new StreamBehind(stream, state.last_seq, from);
    const { name } = await jsm.consumers.add(stream, {
      name: `reader-${nuid.next()}`,
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
      mem_storage: true,
      num_replicas: 1,
    });
    return new StreamReader(options, jsm, name);
  }

  private constructor(options: StreamReaderOptions, jsm: JetStreamManager, consumer: string) {
    const { nc, stream, log, room = ROOM } = options;
    this.#options = options;
    this.#jsm = jsm;
    this.#consumer = consumer;
    this.#seen = options.from - 1;
    this.#pull = new Pull({ nc, stream, consumer, room, log, onMessage: (delivery) => this.#take(delivery) });
    this.#watch = setInterval(() => void this.#look(), LOOK_MS).unref();
    void this.#followConnection();
  }

  /** What has come, one to `most` of it; waits for the first. Empty when closed. Rejects with StreamBroken. */
  async next(most: number): Promise<readonly StoredCommit[]> {
    while (this.#queue.length === 0 && !this.#closed) {
      if (this.#broken !== undefined) throw this.#broken;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.take(most);
  }

  /** What has come by now. */
  take(most: number): readonly StoredCommit[] {
    const taken = this.#queue.slice(0, most);
    this.#queue = this.#queue.slice(most);
    for (const _ of taken) this.#pull.released();
    return taken;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    clearInterval(this.#watch);
    this.#pull.stop();
    this.#options.tap?.lose();
    this.#wake();
    // Not waited for: if it fails, the server forgets it by itself.
    this.#jsm.consumers.delete(this.#options.stream, this.#consumer).catch(() => {});
  }

  #take(delivery: Delivery): void {
    if (this.#broken !== undefined || this.#closed) return;
    this.#delivered += 1;
    if (deliveredAs(delivery.reply) !== this.#delivered) {
      this.#break('a message was lost on its way');
      return;
    }
    const { subject, sequence, data, header } = delivery;
    this.#queue.push({ subject, sequence, data, header });
    this.#seen = sequence;
    this.#wake();
    this.#joinFeed();
  }

  #joinFeed(): void {
    const following = this.#options.tap?.join(
      this.#seen,
      (commit) => this.#takeLive(commit),
      () => this.#break('the feed has a hole'),
    );
    if (following === undefined) return;
    this.#tapped = true;
    this.#pull.stop();
    for (const commit of following) this.#takeLive(commit);
  }

  #takeLive(commit: StoredCommit): void {
    if (this.#broken !== undefined || this.#closed) return;
    if (this.#queue.length >= (this.#options.room ?? ROOM)) {
      this.#break('the tables cannot keep up with the feed');
      return;
    }
    this.#queue.push(commit);
    this.#seen = commit.sequence;
    this.#wake();
  }

  #break(why: string, cause?: unknown): void {
    this.#broken ??= new StreamBroken(this.#options.stream, why, { cause });
    this.#wake();
  }

  /** A server that has forgotten the consumer does not say so, it is silent. */
  async #look(): Promise<void> {
    if (this.#broken !== undefined) return;
    const { stream } = this.#options;
    if (this.#tapped && this.#reached > this.#seen) {
      this.#break('the feed ends before the stream does');
      return;
    }
    try {
      if (this.#tapped) this.#reached = (await this.#jsm.streams.info(stream)).state.last_seq;
      else await this.#jsm.consumers.info(stream, this.#consumer);
    } catch (cause) {
      this.#break('the consumer cannot be asked', cause);
    }
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.#options.nc.status()) {
      if (this.#closed) return;
      if (type === 'disconnect') this.#break('disconnected');
    }
    this.#break('the connection is closed');
  }
}

/** Its number among all deliveries of the consumer: the sixth token of `$JS.ACK.…`, or with a domain the eighth. */
function deliveredAs(reply: string): number {
  const tokens = reply.split('.');
  return Number(tokens[tokens.length > 9 ? 8 : 6]);
}
