/**
 * One customer, as the API sees one: registers, browses, fills a cart, checks out, pays at the simulator, watches the
 * order. Every step is timed and every answer checked; an answer that the API does not allow here is an
 * UnexpectedAnswer. Steps survive a server that dies under them (see HttpClient.patiently).
 */
import { randomUUID } from 'node:crypto';
import type { Answer, HttpClient, Request } from './http.ts';
import { Latencies } from './latencies.ts';

export type Step = 'register' | 'browse' | 'product' | 'add' | 'cart' | 'checkout' | 'pay' | 'confirmed' | 'order';

export class UnexpectedAnswer extends Error {
  constructor(request: Request, answer: Answer) {
    const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    super(`${request.method} ${request.path}: ${answer.status} ${body.slice(0, 400)}`);
    this.name = 'UnexpectedAnswer';
  }
}

export type Shop = {
  readonly api: HttpClient;
  readonly simulator: HttpClient;
  readonly latencies: Readonly<Record<Step, Latencies>>;
  /** How long a step is tried again while the shop does not answer. */
  readonly patienceMs: number;
};

export const newLatencies = (): Record<Step, Latencies> => ({
  register: new Latencies(),
  browse: new Latencies(),
  product: new Latencies(),
  add: new Latencies(),
  cart: new Latencies(),
  checkout: new Latencies(),
  pay: new Latencies(),
  confirmed: new Latencies(),
  order: new Latencies(),
});

export type Shopper = {
  readonly userId: string;
  readonly token: string;
  readonly addressId: string;
  /** An address of its own, which a gateway on the same machine believes: shoppers share no rate limit. */
  readonly forwardedFor: string;
};

export type PlacedOrder = {
  readonly id: string;
  readonly status: string;
  readonly total: number;
  readonly gatewayOrderId: string | undefined;
};

const CITIES = [
  { city: 'New Delhi', state: 'Delhi', pincode: '110001' },
  { city: 'Mumbai', state: 'Maharashtra', pincode: '400001' },
  { city: 'Bengaluru', state: 'Karnataka', pincode: '560001' },
  { city: 'Chennai', state: 'Tamil Nadu', pincode: '600001' },
  { city: 'Kolkata', state: 'West Bengal', pincode: '700001' },
  { city: 'Hyderabad', state: 'Telangana', pincode: '500001' },
] as const;

async function ask(
  shop: Shop,
  step: Step,
  request: Request,
  expected: readonly number[],
  client = shop.api,
): Promise<Answer> {
  const answer = await client.patiently(request, shop.patienceMs);
  if (!expected.includes(answer.status)) throw new UnexpectedAnswer(request, answer);
  shop.latencies[step].add(answer.ms);
  return answer;
}

const from = (shopper: Pick<Shopper, 'forwardedFor'>): Record<string, string> => ({
  'x-forwarded-for': shopper.forwardedFor,
});

const keyed = (shopper: Shopper): Record<string, string> => ({ ...from(shopper), 'idempotency-key': randomUUID() });

/** `number` is unique within `run`; addresses and phones are made from both. */
export async function register(shop: Shop, run: string, number: number): Promise<Shopper> {
  const forwardedFor = `10.${(number >> 14) & 127}.${(number >> 7) & 127}.${(number & 127) + 1}`;
  const email = `shopper-${run}-${number}@demo.example`;
  const body = {
    email,
    phone: `+91${6 + (number % 4)}${String(Math.floor(Math.random() * 1e9)).padStart(9, '0')}`,
    password: `pass-${run}-${number}`,
    firstName: 'Shopper',
    lastName: String(number),
  };
  const headers = { 'x-forwarded-for': forwardedFor, 'idempotency-key': randomUUID() };
  const registered = await ask(shop, 'register', { method: 'POST', path: '/api/users/register', body, headers }, [201]);
  const token: string = registered.body.accessToken;
  const userId: string = registered.body.user.id;
  const place = CITIES[number % CITIES.length] ?? CITIES[0];
  const address = await ask(
    shop,
    'register',
    {
      method: 'POST',
      path: `/api/users/${userId}/addresses`,
      token,
      headers: { 'x-forwarded-for': forwardedFor, 'idempotency-key': randomUUID() },
      body: {
        ...place,
        line1: `${number} Demo Street`,
        type: 'home',
        isDefault: true,
        name: `Shopper ${number}`,
        phone: body.phone,
      },
    },
    [201],
  );
  return { userId, token, addressId: address.body.id, forwardedFor };
}

export async function browse(shop: Shop, shopper: Shopper, path: string): Promise<Answer['body']> {
  const request = { method: 'GET', path, token: shopper.token, headers: from(shopper) };
  return (await ask(shop, 'browse', request, [200])).body;
}

export async function readProduct(shop: Shop, shopper: Shopper, productId: string): Promise<Answer['body']> {
  const path = `/api/products/${productId}`;
  const request = { method: 'GET', path, token: shopper.token, headers: from(shopper) };
  return (await ask(shop, 'product', request, [200])).body;
}

export async function addToCart(
  shop: Shop,
  shopper: Shopper,
  sku: string,
  quantity: number,
  { once }: { once: boolean } = { once: true },
): Promise<Answer['body']> {
  const { token } = shopper;
  const body = { sku, quantity };
  const headers = once ? keyed(shopper) : from(shopper);
  const request = { method: 'POST', path: '/api/cart/items', token, body, headers };
  return (await ask(shop, 'add', request, [200])).body;
}

export async function readCart(shop: Shop, shopper: Shopper): Promise<Answer['body']> {
  const request = { method: 'GET', path: '/api/cart', token: shopper.token, headers: from(shopper) };
  return (await ask(shop, 'cart', request, [200])).body;
}

/** The order, or `out-of-stock`. */
export async function checkout(shop: Shop, shopper: Shopper, method: string): Promise<PlacedOrder | 'out-of-stock'> {
  const request = {
    method: 'POST',
    path: '/api/orders',
    token: shopper.token,
    body: { addressId: shopper.addressId, payment: { method } },
    headers: keyed(shopper),
  };
  const answer = await ask(shop, 'checkout', request, [201, 409]);
  if (answer.status === 409) {
    if (answer.body.code !== 'out-of-stock') throw new UnexpectedAnswer(request, answer);
    return 'out-of-stock';
  }
  const { id, status, totals, payment } = answer.body;
  return { id, status, total: totals.total, gatewayOrderId: payment.gatewayOrderId };
}

/** At the simulator. A payment that it has taken already counts as paid: the first answer was lost. */
export async function pay(shop: Shop, gatewayOrderId: string, outcome: 'success' | 'failure'): Promise<void> {
  const request = { method: 'POST', path: `/pay/${gatewayOrderId}`, body: { outcome } };
  await ask(shop, 'pay', request, outcome === 'success' ? [200, 201, 400, 409] : [200, 201], shop.simulator);
}

export async function readOrder(shop: Shop, shopper: Shopper, orderId: string): Promise<Answer['body']> {
  const request = { method: 'GET', path: `/api/orders/${orderId}`, token: shopper.token, headers: from(shopper) };
  return (await ask(shop, 'order', request, [200])).body;
}

/**
 * Watches the order's events until it has one of the statuses; asks for it plainly where the stream breaks off.
 * Resolves with the last status seen.
 */
export async function untilStatus(
  shop: Shop,
  shopper: Shopper,
  orderId: string,
  statuses: readonly string[],
  withinMs: number,
): Promise<string> {
  const began = performance.now();
  const end = began + withinMs;
  let last = '';
  let lastId = '';
  while (performance.now() < end) {
    const headers = { ...from(shopper), ...(lastId === '' ? {} : { 'last-event-id': lastId }) };
    const path = `/api/orders/${orderId}/events`;
    try {
      const seen = await shop.api.events(
        { method: 'GET', path, token: shopper.token, headers },
        ({ id, data }) => {
          lastId = id;
          if (typeof data === 'object' && data !== null && 'status' in data) last = String(data.status);
          return statuses.includes(last);
        },
        end - performance.now(),
      );
      if (seen) break;
    } catch {
      // The stream broke off: the order itself is asked below, and the stream resumes after the last event.
    }
    const order = await readOrder(shop, shopper, orderId).catch(() => undefined);
    if (order) last = order.status;
    if (statuses.includes(last)) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  shop.latencies.confirmed.add(performance.now() - began);
  return last;
}
