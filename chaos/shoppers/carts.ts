/** A customer's cart as one device sees it, every call recorded with its times and what came of it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, type HttpClient, NoAnswer, type Request } from '../../bench/shop/http.ts';
import type { Shopper } from '../../bench/shop/shopper.ts';
import type { CartAnswer, CartCall, CartOperation, Lines } from '../verdict/cart-model.ts';
import type { Diary } from './diary.ts';

const REFUSALS = new Set(['quantity-limit', 'not-in-cart']);

export class RecordedCart {
  readonly #api: HttpClient;
  readonly #shopper: Shopper;
  readonly #calls: CartCall[];
  readonly #patienceMs: number;
  readonly #strange: string[];
  #closed = false;
  #unknown = 0;

  constructor(api: HttpClient, shopper: Shopper, diary: Diary, patienceMs: number) {
    this.#api = api;
    this.#shopper = shopper;
    this.#patienceMs = patienceMs;
    this.#strange = diary.strange;
    this.#calls = diary.carts.get(shopper.userId) ?? [];
    diary.carts.set(shopper.userId, this.#calls);
  }

  add = (sku: string, quantity: number): Promise<Lines | undefined> =>
    this.#call({ type: 'add', sku, quantity }, { method: 'POST', path: '/api/cart/items', body: { sku, quantity } });

  set = (sku: string, quantity: number): Promise<Lines | undefined> =>
    this.#call({ type: 'set', sku, quantity }, { method: 'PUT', path: `/api/cart/items/${sku}`, body: { quantity } });

  remove = (sku: string): Promise<Lines | undefined> =>
    this.#call({ type: 'remove', sku }, { method: 'DELETE', path: `/api/cart/items/${sku}` });

  read = (): Promise<Lines | undefined> => this.#call({ type: 'read' }, { method: 'GET', path: '/api/cart' });

  /** Asked until there is an answer. */
  async lastRead(): Promise<void> {
    const end = performance.now() + this.#patienceMs;
    while ((await this.read()) === undefined && performance.now() < end) await pause(200);
  }

  /** Calls of which nobody knows what came of them. */
  get unknown(): number {
    return this.#unknown;
  }

  /** `since`: when the order button was pressed. When its lines leave the cart the customer is not told. */
  checkedOut(lines: Lines, since: number): void {
    if (!this.#closed)
      this.#calls.push({ operation: { type: 'check-out', lines }, invoked: since, outcome: undefined });
  }

  /** Nobody knows what was ordered, if anything: what comes after cannot be judged. */
  close(): void {
    this.#closed = true;
  }

  async #call(operation: CartOperation, request: Request): Promise<Lines | undefined> {
    const { token, forwardedFor } = this.#shopper;
    const headers = { 'x-forwarded-for': forwardedFor };
    const invoked = performance.now();
    // What has a key is asked for once, however often it is sent; what has none is sent once.
    const answer = await (request.method === 'POST'
      ? this.#api.patiently(
          { ...request, token, headers: { ...headers, 'idempotency-key': randomUUID() } },
          this.#patienceMs,
        )
      : this.#api.ask({ ...request, token, headers })
    ).catch((error: unknown) => {
      if (error instanceof NoAnswer) return undefined;
      throw error;
    });
    // One of several gateways may not have heard of it yet, or a sale of it be sold out: nothing was asked of the cart.
    if (answer?.body?.code === 'unknown-sku' || answer?.body?.code === 'out-of-stock') return undefined;
    const read = answer === undefined ? undefined : this.#read(answer);
    if (this.#closed || (read === undefined && operation.type === 'read')) return undefined;
    if (read === undefined) this.#unknown++;
    const outcome = read === undefined ? undefined : { at: performance.now(), answer: read };
    this.#calls.push({ operation, invoked, outcome });
    return read === 'refused' ? undefined : read;
  }

  #read({ status, body }: Answer): CartAnswer | undefined {
    if (status === 200) {
      const items: readonly { readonly sku: string; readonly quantity: number }[] = body.items;
      return Object.fromEntries(items.map(({ sku, quantity }) => [sku, quantity]));
    }
    if (REFUSALS.has(body?.code)) return 'refused';
    if (status < 500 && status !== 429 && body?.code !== 'request-running')
      this.#strange.push(`cart: ${status} ${JSON.stringify(body)}`);
    return undefined;
  }
}
