/**
 * Request and reply over NATS at the price of the wire: one wildcard subscription for all answers, the reply
 * token is a slot in an array with its generation, one timer for all time-outs. (The library's `request` makes a
 * promise, a timer, an abort and an inbox entry each: five times the CPU, see MEASURED.)
 *
 * What is not answered in time, or was under way when the connection went, is told so once and only once. While
 * there is no connection nothing is sent: requests wait their turn, as they do when all slots are taken.
 */
import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/nats-core';
import type { HeaderBytes } from './headers.ts';

export type Exchange = {
  /** An answer. True: that was the last of them. */
  onReply(message: Msg): boolean;
  /** No (further) answer will be delivered. */
  onLost(cause: Error): void;
};

export type ReplyInboxOptions = {
  /** From the call to the last answer, ms. Default 5,000. */
  readonly timeoutMs?: number;
  /** Requests in flight at most; more wait. Default 4,096. */
  readonly inFlight?: number;
  /** Requests waiting at most; more are lost at once. Default 65,536. */
  readonly waiting?: number;
};

export class RequestLost extends Error {
  readonly code: 'timeout' | 'disconnected' | 'closed' | 'overloaded' | 'not-sent';
  readonly retryable = true;
  constructor(code: RequestLost['code'], options?: { cause?: unknown }) {
    super(`nats request: ${code}`, options);
    this.name = 'RequestLost';
    this.code = code;
  }
}

type Waiting = {
  readonly subject: string;
  readonly data: Uint8Array | string;
  readonly headers: HeaderBytes | undefined;
  readonly exchange: Exchange;
  readonly expiresAt: number;
};

const SWEEP_MS = 100;

export class ReplyInbox {
  readonly #nc: NatsConnection;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  readonly #maxWaiting: number;
  readonly #slots: (Exchange | undefined)[];
  readonly #generations: number[];
  readonly #expiresAt: number[];
  readonly #free: number[] = [];
  readonly #unsubscribe: () => void;
  readonly #timer: NodeJS.Timeout;
  #waiting: Waiting[] = [];
  #waitingFrom = 0;
  #connected = true;
  #closed = false;

  constructor(nc: NatsConnection, options: ReplyInboxOptions = {}) {
    const { timeoutMs = 5_000, inFlight = 4_096, waiting = 65_536 } = options;
    this.#nc = nc;
    this.#timeoutMs = timeoutMs;
    this.#maxWaiting = waiting;
    this.#slots = new Array<Exchange | undefined>(inFlight).fill(undefined);
    this.#generations = new Array<number>(inFlight).fill(0);
    this.#expiresAt = new Array<number>(inFlight).fill(0);
    for (let slot = inFlight - 1; slot >= 0; slot--) this.#free.push(slot);
    this.#prefix = `${createInbox()}.`;
    const subscription = nc.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => {
        if (error === null) this.#receive(message);
      },
    });
    this.#unsubscribe = () => subscription.unsubscribe();
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
    void this.#followConnection();
  }

  get inFlight(): number {
    return this.#slots.length - this.#free.length;
  }

  send(subject: string, data: Uint8Array | string, headers: HeaderBytes | undefined, exchange: Exchange): void {
    const expiresAt = Date.now() + this.#timeoutMs;
    if (this.#closed) {
      exchange.onLost(new RequestLost('closed'));
    } else if (this.#connected && this.#free.length > 0 && this.#waitingFrom === this.#waiting.length) {
      this.#dispatch(subject, data, headers, exchange, expiresAt);
    } else if (this.#waiting.length - this.#waitingFrom < this.#maxWaiting) {
      this.#waiting.push({ subject, data, headers, exchange, expiresAt });
    } else {
      exchange.onLost(new RequestLost('overloaded'));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    if (!this.#nc.isClosed()) this.#unsubscribe();
    this.#loseAll(new RequestLost('closed'));
    const waiting = this.#waiting.slice(this.#waitingFrom);
    this.#waiting = [];
    this.#waitingFrom = 0;
    for (const { exchange } of waiting) exchange.onLost(new RequestLost('closed'));
  }

  #dispatch(
    subject: string,
    data: Uint8Array | string,
    headers: HeaderBytes | undefined,
    exchange: Exchange,
    expiresAt: number,
  ): void {
    const slot = this.#free.pop() as number;
    const generation = (this.#generations[slot] as number) + 1;
    this.#generations[slot] = generation;
    this.#slots[slot] = exchange;
    this.#expiresAt[slot] = expiresAt;
    const reply = this.#prefix + (generation * this.#slots.length + slot);
    try {
      // `encode` is all of MsgHdrs that publishing uses.
      this.#nc.publish(
        subject,
        data,
        headers === undefined ? { reply } : { reply, headers: headers as HeaderBytes & MsgHdrs },
      );
    } catch (cause) {
      this.#release(slot);
      exchange.onLost(new RequestLost('not-sent', { cause }));
    }
  }

  #receive(message: Msg): void {
    const token = Number(message.subject.slice(this.#prefix.length));
    const slot = token % this.#slots.length;
    const exchange = this.#slots[slot];
    // An answer that comes after its time-out finds another generation in the slot, or nobody.
    if (exchange === undefined || this.#generations[slot] !== (token - slot) / this.#slots.length) return;
    if (!exchange.onReply(message)) return;
    this.#release(slot);
    if (this.#waitingFrom < this.#waiting.length) this.#sendWaiting();
  }

  #release(slot: number): void {
    this.#slots[slot] = undefined;
    this.#free.push(slot);
  }

  #sendWaiting(): void {
    while (this.#connected && this.#free.length > 0 && this.#waitingFrom < this.#waiting.length) {
      const next = this.#waiting[this.#waitingFrom++] as Waiting;
      this.#dispatch(next.subject, next.data, next.headers, next.exchange, next.expiresAt);
    }
    this.#compact();
  }

  #compact(): void {
    if (this.#waitingFrom === this.#waiting.length) {
      this.#waiting = [];
      this.#waitingFrom = 0;
    } else if (this.#waitingFrom > 1_024) {
      this.#waiting = this.#waiting.slice(this.#waitingFrom);
      this.#waitingFrom = 0;
    }
  }

  #sweep(): void {
    const now = Date.now();
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const exchange = this.#slots[slot];
      if (exchange === undefined || (this.#expiresAt[slot] as number) > now) continue;
      this.#release(slot);
      exchange.onLost(new RequestLost('timeout'));
    }
    // All have the same time-out, so those that wait expire in their order.
    while (this.#waitingFrom < this.#waiting.length) {
      const oldest = this.#waiting[this.#waitingFrom] as Waiting;
      if (oldest.expiresAt > now) break;
      this.#waitingFrom++;
      oldest.exchange.onLost(new RequestLost('timeout'));
    }
    this.#sendWaiting();
  }

  #loseAll(cause: RequestLost): void {
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const exchange = this.#slots[slot];
      if (exchange === undefined) continue;
      this.#release(slot);
      exchange.onLost(cause);
    }
  }

  async #followConnection(): Promise<void> {
    for await (const status of this.#nc.status()) {
      if (status.type === 'disconnect') {
        this.#connected = false;
        this.#loseAll(new RequestLost('disconnected'));
      } else if (status.type === 'reconnect') {
        this.#connected = true;
        this.#sendWaiting();
      }
    }
    this.close();
  }
}
