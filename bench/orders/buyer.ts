/**
 * A customer who buys, over connections of their own: two items into the cart, checkout, pay at the payment page, wait
 * until the order is confirmed. The same requests as bench/shop/shopper.ts makes, with heads made beforehand.
 */
import { randomUUID } from 'node:crypto';
import { between, Connection, type Reply } from '../load/connection.ts';
import { Latencies } from '../shop/latencies.ts';
import type { Shopper } from '../shop/shopper.ts';
import type { Confirmations } from './confirmations.ts';

export const STEPS = ['add', 'checkout', 'pay', 'confirmed'] as const;

export type Timings = Readonly<Record<(typeof STEPS)[number] | 'whole', Latencies>> & {
  /** Answers 503 and 429: asked again when the server said. */
  refused: number;
};

export const newTimings = (): Timings => ({
  add: new Latencies(),
  checkout: new Latencies(),
  pay: new Latencies(),
  confirmed: new Latencies(),
  whole: new Latencies(),
  refused: 0,
});

export class UnexpectedReply extends Error {
  constructor(request: string, { text }: Reply) {
    super(`${request.slice(0, request.indexOf('\r\n'))}: ${text.slice(0, 600)}`);
    this.name = 'UnexpectedReply';
  }
}

const PATIENCE_MS = 30_000;
const ITEMS = 2;

export class Buyer {
  readonly #api: Connection;
  readonly #simulator: Connection;
  readonly #addHead: string;
  readonly #checkoutHead: string;
  readonly #checkoutBody: string;
  readonly #orderHead: string;
  readonly #host: string;

  constructor(api: string, simulator: string, { token, addressId, forwardedFor }: Shopper) {
    this.#api = new Connection(api);
    this.#simulator = new Connection(simulator);
    this.#host = new URL(simulator).host;
    const who = `host: ${new URL(api).host}\r\nauthorization: Bearer ${token}\r\nx-forwarded-for: ${forwardedFor}\r\n`;
    const json = 'content-type: application/json\r\n';
    const body = JSON.stringify({ addressId, payment: { method: 'upi' } });
    this.#addHead = `POST /api/cart/items HTTP/1.1\r\n${who}${json}`;
    this.#checkoutHead = `POST /api/orders HTTP/1.1\r\n${who}${json}content-length: ${body.length}\r\nidempotency-key: `;
    this.#checkoutBody = `\r\n\r\n${body}`;
    this.#orderHead = `HTTP/1.1\r\n${who}\r\n`;
  }

  /** Resolves with the order's id. */
  async buy(
    skus: readonly string[],
    confirmations: Confirmations,
    timings: Timings,
    meantAt?: number,
  ): Promise<string> {
    const began = meantAt ?? performance.now();
    for (let n = 0; n < ITEMS; n++) await this.add(anyOf(skus), timings);
    const asked = performance.now();
    const placed = await this.#ask(`${this.#checkoutHead}${randomUUID()}${this.#checkoutBody}`, 201, timings);
    timings.checkout.add(performance.now() - asked);
    const id = between(placed.text, '"id":"ord_');
    if (id === undefined) throw new UnexpectedReply(this.#checkoutHead, placed);
    const orderId = `ord_${id}`;
    const page = between(placed.text, '"gatewayOrderId":"') ?? (await this.#pageOf(orderId, timings));
    const confirmed = confirmations.of(orderId);
    const paying = performance.now();
    const payment = '{"outcome":"success"}';
    const pay = `POST /pay/${page} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\ncontent-length: ${payment.length}\r\n\r\n${payment}`;
    const paid = await this.#simulator.ask(pay);
    if (paid.status !== 200 && paid.status !== 201) throw new UnexpectedReply(pay, paid);
    timings.pay.add(performance.now() - paying);
    await confirmed;
    const now = performance.now();
    timings.confirmed.add(now - paying);
    timings.whole.add(now - began);
    return orderId;
  }

  async add(sku: string, timings: Timings): Promise<void> {
    const body = `{"sku":"${sku}","quantity":1}`;
    const asked = performance.now();
    await this.#ask(`${this.#addHead}content-length: ${body.length}\r\n\r\n${body}`, 200, timings);
    timings.add.add(performance.now() - asked);
  }

  close(): void {
    this.#api.close();
    this.#simulator.close();
  }

  async #ask(request: string, expected: number, timings: Timings): Promise<Reply> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const reply = await this.#api.ask(request);
      if (reply.status === expected) return reply;
      const busy = reply.status === 503 || reply.status === 429;
      if (!busy || performance.now() > end) throw new UnexpectedReply(request, reply);
      timings.refused += 1;
      const seconds = Number(/\r\nretry-after: *(\d+)/i.exec(reply.text)?.[1] ?? 0.1);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (0.75 + Math.random() / 2)));
    }
  }

  /** The payment gateway answered after the checkout did. */
  async #pageOf(orderId: string, timings: Timings): Promise<string> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const { text } = await this.#ask(`GET /api/orders/${orderId} ${this.#orderHead}`, 200, timings);
      const page = between(text, '"gatewayOrderId":"');
      if (page !== undefined) return page;
      if (performance.now() > end) throw new Error(`${orderId}: no payment page was offered`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export function anyOf<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}
