/**
 * People who look and people who buy, without the hashing of a thousand passwords: their tokens are signed with the
 * system's own secret, and their addresses stand where the system's own relay would put them.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import type { UserId } from '../../actors/ids.ts';
import { newId } from '../../config/ids.ts';
import { subjects } from '../../config/subjects.ts';
import { createAccessTokens } from '../../gateway/auth/access-tokens.ts';
import type { Kind, Tally } from './tally.ts';
import type { Ask, Told, Wire } from './wire.ts';

export type Visitor = { readonly token: string; readonly addressId: string };

export type Shop = {
  readonly api: Wire;
  readonly simulator: Wire;
  readonly goods: readonly { readonly productId: string; readonly sku: string }[];
  readonly categories: readonly string[];
};

export function visitors(nats: NatsConnection, secret: string): () => Visitor {
  const tokens = createAccessTokens(secret);
  return () => {
    const id: UserId = newId('usr');
    const addressId = newId('adr');
    const address = {
      id: addressId,
      line1: '1 Demo Street',
      city: 'Bengaluru',
      state: 'Karnataka',
      pincode: '560001',
      type: 'home',
      isDefault: true,
      name: 'Visitor',
      phone: '+919800000000',
    };
    nats.publish(subjects.account(id), JSON.stringify({ userId: id, addresses: [address], version: 1 }));
    const user = { id, email: '', phone: '', firstName: '', lastName: '', role: 'customer', sellerId: null } as const;
    return { token: tokens.sign({ ...user, preferences: {}, createdAt: 0, updatedAt: 0, version: 1 }, id), addressId };
  };
}

/** A purchase that takes longer has failed. */
const PATIENCE_MS = 10_000;
/** A page that waits for its payment; at 100 ms those who wait would be most of the load. */
const POLL_MS = 500;
/** Who is refused comes back this often, when told to. */
const TRIES = 3;

const any = <T>(of: readonly T[]): T => {
  const one = of[Math.floor(Math.random() * of.length)];
  if (one === undefined) throw new Error('nothing to choose from');
  return one;
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function ask(shop: Shop, tally: Tally, kind: Kind, request: Ask): Promise<Told> {
  const told = await shop.api.ask(request);
  tally.count(kind, told.status, told.status === 503 && told.text.includes('"overloaded"'), told.ms);
  return told;
}

/** One look at a page, most often a product's. */
export function look(shop: Shop, tally: Tally, n: number): Promise<unknown> {
  const { productId } = any(shop.goods);
  const page = n % 8;
  if (page < 4) return ask(shop, tally, 'find', { method: 'GET', path: `/api/products/${productId}` });
  if (page < 6) {
    return ask(shop, tally, 'second', { method: 'GET', path: `/api/categories/${any(shop.categories)}/products` });
  }
  return ask(shop, tally, 'third', { method: 'GET', path: `/api/products/${productId}/variants` });
}

/** A checkout by nobody. */
export async function forge(shop: Shop, tally: Tally): Promise<void> {
  const told = await shop.api.ask({
    method: 'POST',
    path: '/api/orders',
    token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    key: 'forged',
    body: { addressId: 'adr_0', payment: { method: 'upi' } },
  });
  tally.forged(told.status);
}

/** Two items into the cart, checkout, payment, and a look until it is confirmed. `due`: when they meant to begin. */
export async function buy(shop: Shop, tally: Tally, visitor: Visitor, due: number): Promise<boolean> {
  tally.begun += 1;
  const end = due + PATIENCE_MS;
  const { token } = visitor;
  const persist = async (kind: Kind, request: Ask): Promise<Told | undefined> => {
    for (let tries = 1; ; tries++) {
      const told = await ask(shop, tally, kind, { ...request, token });
      if (told.status >= 200 && told.status < 300) return told;
      if (tries >= TRIES || performance.now() + told.retryAfterMs > end) return undefined;
      await pause(Math.max(250, told.retryAfterMs));
    }
  };
  for (let item = 0; item < 2; item++) {
    const body = { sku: any(shop.goods).sku, quantity: 1 };
    const key = `${visitor.addressId}-${item}`;
    if ((await persist('cart', { method: 'POST', path: '/api/cart/items', key, body })) === undefined) {
      tally.refused += 1;
      return false;
    }
  }
  const body = { addressId: visitor.addressId, payment: { method: 'upi' } };
  const key = `${visitor.addressId}-order`;
  const placed = await persist('order', { method: 'POST', path: '/api/orders', key, body });
  if (placed === undefined) return false;
  tally.checkouts.add(placed.ms);
  let order: { id: string; status: string; payment: { gatewayOrderId?: string } } = JSON.parse(placed.text);
  let isPaid = false;
  while (performance.now() < end) {
    const { gatewayOrderId } = order.payment;
    if (!isPaid && gatewayOrderId !== undefined) {
      const request: Ask = { method: 'POST', path: `/pay/${gatewayOrderId}`, body: { outcome: 'success' } };
      isPaid = (await shop.simulator.ask(request)).status < 300;
    }
    await pause(POLL_MS);
    const seen = await ask(shop, tally, 'order', { method: 'GET', path: `/api/orders/${order.id}`, token });
    if (seen.status === 200) order = JSON.parse(seen.text);
    if (order.status === 'CONFIRMED') {
      tally.confirmed += 1;
      tally.whole.add(performance.now() - due);
      return true;
    }
  }
  return false;
}
