/**
 * A durable consumer's messages, pulled without pause: a new request goes out while the last is still being answered,
 * for as much as there is room for. Room is counted until a message is finished, not until it is delivered, which the
 * library's `consume()` cannot do; it also costs a little less (4.5 µs a message with its ack, against 5.4).
 */
import { createInbox, type Msg, type NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';

export type Delivery = {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly header: (name: string) => string | undefined;
  /** In its stream. */
  readonly sequence: number;
  /** The address of the server's question: acks go there. */
  readonly reply: string;
};

export type PullOptions = {
  readonly nc: NatsConnection;
  readonly stream: string;
  readonly consumer: string;
  /** Messages taken and not yet `released` at most. */
  readonly room: number;
  readonly onMessage: (delivery: Delivery) => void;
  readonly log: Pick<Logger, 'warn'>;
};

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 2_000;
const NANOS = 1_000_000;
/** After this much silence the server has forgotten our request: its heartbeats would have come. */
const SILENCE_MS = 2.5 * HEARTBEAT_MS;
const REFUSED_PAUSE_MS = 250;

export class Pull {
  readonly #options: PullOptions;
  readonly #inbox = createInbox();
  readonly #watch: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  /** Asked for and not yet come. */
  #asked = 0;
  #held = 0;
  #heardAt = performance.now();
  #mayAskAt = 0;
  #stopped = false;

  constructor(options: PullOptions) {
    this.#options = options;
    const subscription = options.nc.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error === null && !this.#stopped) this.#receive(message);
      },
    });
    this.#unsubscribe = () => subscription.unsubscribe();
    this.#watch = setInterval(() => this.#look(), HEARTBEAT_MS / 4).unref();
    void this.#followConnection();
    this.#ask();
  }

  /** A message that was taken is out of our hands: room for another. */
  released(): void {
    this.#held--;
    this.#ask();
  }

  /** No message is taken any more. What was under way to us is given back by the server after its ack wait. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#watch);
    if (!this.#options.nc.isClosed()) this.#unsubscribe();
  }

  #receive(message: Msg): void {
    this.#heardAt = performance.now();
    const { reply } = message;
    if (message.subject === this.#inbox || reply === undefined) {
      this.#status(message);
      return;
    }
    this.#asked = Math.max(0, this.#asked - 1);
    this.#held++;
    this.#options.onMessage({
      subject: message.subject,
      data: message.data,
      header: (name) => (message.headers?.has(name) ? message.headers.get(name) : undefined),
      sequence: sequenceOf(reply),
      reply,
    });
    this.#ask();
  }

  #status({ headers }: Msg): void {
    const code = headers?.code ?? 0;
    if (code === 100) return;
    // 408: the request ran out. 409: leader change, consumer gone, too many requests. 503: nobody there.
    const unanswered = Number(headers?.get('Nats-Pending-Messages') ?? 0);
    this.#asked = code === 408 ? Math.max(0, this.#asked - unanswered) : 0;
    if (code !== 408) {
      const { stream, consumer, log } = this.#options;
      log.warn({ event: 'pull-refused', stream, consumer, code, status: headers?.description });
      this.#mayAskAt = performance.now() + REFUSED_PAUSE_MS;
    }
    this.#ask();
  }

  #look(): void {
    if (performance.now() - this.#heardAt > SILENCE_MS) {
      this.#asked = 0;
      this.#heardAt = performance.now();
    }
    this.#ask();
  }

  /** A server that we come back to may know nothing of our request. */
  async #followConnection(): Promise<void> {
    for await (const { type } of this.#options.nc.status()) {
      if (this.#stopped) return;
      if (type !== 'reconnect') continue;
      this.#asked = 0;
      this.#ask();
    }
  }

  #ask(): void {
    const { nc, stream, consumer, room } = this.#options;
    const wanted = room - this.#held - this.#asked;
    if (this.#stopped || wanted < room / 4 || performance.now() < this.#mayAskAt || nc.isClosed()) return;
    this.#asked += wanted;
    const request = { batch: wanted, expires: EXPIRES_MS * NANOS, idle_heartbeat: HEARTBEAT_MS * NANOS };
    nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), { reply: this.#inbox });
  }
}

/** `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.…`, or with the domain and account before the stream. */
function sequenceOf(reply: string): number {
  const tokens = reply.split('.');
  return Number(tokens[tokens.length > 9 ? 7 : 5]);
}
