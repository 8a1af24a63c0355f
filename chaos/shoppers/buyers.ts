/** Customers who order, pay or do not, and change their minds. Whatever dies under them, they ask again for a while. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, NoAnswer, type Request } from '../../bench/shop/http.ts';
import { readOrder, type Shop, type Shopper, UnexpectedAnswer, untilStatus } from '../../bench/shop/shopper.ts';
import type { Random } from '../random.ts';
import { RecordedCart } from './carts.ts';
import type { Diary, Told } from './diary.ts';
import type { Goods } from './goods.ts';

const WATCH_MS = 20_000;

export type Buying = {
  readonly shop: Shop;
  readonly goods: Goods;
  readonly diary: Diary;
  readonly random: Random;
  /** True: no further order is begun. */
  readonly closing: () => boolean;
  /** True: an order that is never paid has yet time to run out while the others shop. */
  readonly early: () => boolean;
};

export async function buyer(buying: Buying, shopper: Shopper): Promise<void> {
  const { shop, goods, diary, random, closing } = buying;
  const cart = new RecordedCart(shop.api, shopper, diary, shop.patienceMs);
  do {
    await pause(random.below(500));
    try {
      const wanted = random.below(3) > 0 ? goods.scarce : random.of(goods.plenty);
      if ((await cart.add(wanted, 1)) === undefined) await cart.read();
      if (random.below(3) === 0) await cart.add(random.of(goods.plenty), 1 + random.below(2));
      const told = await order(buying, shopper, cart);
      if (told !== undefined) await follow(buying, shopper, told);
    } catch (error) {
      note(diary, error);
    }
  } while (!closing());
}

/** An answer that the API does not allow there, or a step that was given up. */
export function note(diary: Diary, error: unknown): void {
  if (error instanceof UnexpectedAnswer && !/: (429|5\d\d) /.test(error.message)) diary.strange.push(error.message);
  else diary.gaveUp.push(error instanceof Error ? error.message : String(error));
}

/** Presses the button, now and then twice. Undefined: it came to nothing. */
export async function order(
  { shop, diary, random, early }: Buying,
  shopper: Shopper,
  cart: RecordedCart,
): Promise<Told | undefined> {
  const { userId, token, addressId, forwardedFor } = shopper;
  const method = random.below(5) === 0 ? 'cod' : 'upi';
  const request: Request = {
    method: 'POST',
    path: '/api/orders',
    token,
    headers: { 'x-forwarded-for': forwardedFor, 'idempotency-key': randomUUID() },
    body: { addressId, payment: { method } },
  };
  const since = performance.now();
  diary.presses.set(userId, (diary.presses.get(userId) ?? 0) + 1);
  const twice = random.below(4) === 0;
  let answers: readonly Answer[];
  try {
    answers = await Promise.all(
      Array.from({ length: twice ? 2 : 1 }, () => shop.api.patiently(request, shop.patienceMs)),
    );
  } catch (error) {
    cart.close();
    throw error;
  }
  const [answer, other] = answers;
  if (answer === undefined) return undefined;
  const { status, body } = answer;
  if (other !== undefined && status === 201 && other.status === 201 && other.body.id !== body.id)
    diary.strange.push(`one press, two orders: ${body.id}, ${other.body.id}`);
  if (status === 409) {
    if (body.orderId !== undefined) diary.refused.push({ userId, orderId: body.orderId, code: body.code });
    // Sold out: people look for something else.
    for (const { sku } of body.errors ?? []) if (sku !== undefined) await cart.remove(sku);
    return undefined;
  }
  if (status !== 201) {
    cart.close();
    throw new UnexpectedAnswer(request, answer);
  }
  const lines: readonly { readonly sku: string; readonly quantity: number }[] = body.items;
  cart.checkedOut(Object.fromEntries(lines.map(({ sku, quantity }) => [sku, quantity])), since);
  const luck = random.below(10);
  const unpaid = luck === 8 || !early() ? 'failed' : 'abandoned';
  const did = method === 'cod' ? 'cod' : luck < 8 ? 'paid' : unpaid;
  const told: Told = { userId, orderId: body.id, total: body.totals.total, did, saw: body.status, cancelled: false };
  diary.told.push(told);
  return told;
}

export async function follow({ shop, diary, random }: Buying, shopper: Shopper, told: Told): Promise<void> {
  const { orderId, did } = told;
  if (did === 'abandoned' || told.saw === 'CANCELLED') return;
  const changesMind = random.below(4) === 0;
  if (did !== 'cod') {
    const page = await pageOf(shop, shopper, orderId);
    if (page === undefined) return;
    const outcome = did === 'paid' ? 'success' : 'failure';
    // Paid twice is refused by the gateway: the first answer was lost.
    await shop.simulator.patiently({ method: 'POST', path: `/pay/${page}`, body: { outcome } }, shop.patienceMs);
  }
  const ends = did === 'failed' ? ['CANCELLED'] : ['CONFIRMED', 'CANCELLED'];
  told.saw = await untilStatus(shop, shopper, orderId, ends, WATCH_MS);
  if (!changesMind || told.saw !== 'CONFIRMED') return;
  const headers = { 'x-forwarded-for': shopper.forwardedFor, 'idempotency-key': randomUUID() };
  const path = `/api/orders/${orderId}/cancel`;
  const request = { method: 'POST', path, token: shopper.token, headers, body: { reason: 'changed my mind' } };
  const { status, body } = await shop.api.patiently(request, shop.patienceMs);
  if (status === 200) told.cancelled = true;
  else if (status < 500 && status !== 429) diary.strange.push(`${path}: ${status} ${JSON.stringify(body)}`);
  // Whether it was cancelled is not known: it may be either.
  else told.saw = '';
}

/** The page to pay at. The gateway may have answered after the checkout did, or the order have ended meanwhile. */
async function pageOf(shop: Shop, shopper: Shopper, orderId: string): Promise<string | undefined> {
  const end = performance.now() + WATCH_MS;
  while (performance.now() < end) {
    const { payment, status } = await readOrder(shop, shopper, orderId);
    if (payment.gatewayOrderId) return payment.gatewayOrderId;
    if (status === 'CANCELLED') return undefined;
    await pause(250);
  }
  throw new NoAnswer({ method: 'GET', path: `/api/orders/${orderId}` }, new Error('no payment page'));
}
