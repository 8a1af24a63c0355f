/** What happens in the demo: shoppers who browse and buy, and a crowd that wants one SKU. */
import {
  addToCart,
  browse,
  checkout,
  type PlacedOrder,
  pay,
  readCart,
  readOrder,
  readProduct,
  type Shop,
  type Shopper,
  untilStatus,
} from '../shop/shopper.ts';

/** What the customer was told, and did: the outside view that the books must agree with. */
export type Told = {
  readonly orderId: string;
  readonly userId: string;
  readonly total: number;
  readonly did: 'paid' | 'failed' | 'abandoned' | 'cod';
  /** The last status that the customer saw. */
  readonly saw: string;
};

export type Tally = {
  readonly told: Told[];
  soldOut: number;
  readonly errors: string[];
  placed: number;
  confirmed: number;
  ended: number;
};

export const newTally = (): Tally => ({ told: [], soldOut: 0, errors: [], placed: 0, confirmed: 0, ended: 0 });

export type OnSale = { readonly productId: string; readonly sku: string };

const WATCH_MS = 30_000;

/** Buys one to three things, `orders` times. */
export async function shop(
  shop: Shop,
  shopper: Shopper,
  goods: readonly OnSale[],
  orders: number,
  tally: Tally,
): Promise<void> {
  for (let n = 0; n < orders; n++) {
    await counted(tally, async () => {
      await browse(shop, shopper, '/api/products?limit=20');
      const wanted = Array.from({ length: 1 + Math.floor(Math.random() * 3) }, () => anyOf(goods));
      for (const { productId, sku } of new Map(wanted.map((item) => [item.sku, item])).values()) {
        await readProduct(shop, shopper, productId);
        await addToCart(shop, shopper, sku, 1 + Math.floor(Math.random() * 2));
      }
      const cart = await readCart(shop, shopper);
      const cash = Math.random() < 0.2;
      const order = await checkout(shop, shopper, cash ? 'cod' : Math.random() < 0.7 ? 'upi' : 'card');
      if (order === 'out-of-stock') {
        tally.soldOut++;
        await emptyCart(shop, shopper, cart.items);
        return;
      }
      if (cash) return settle(shop, shopper, order, 'cod', tally);
      const luck = Math.random();
      await settle(shop, shopper, order, luck < 0.85 ? 'paid' : luck < 0.95 ? 'failed' : 'abandoned', tally);
    });
  }
}

/** One of the crowd: the item is in the cart already, all press the button together. */
export async function grab(shop: Shop, shopper: Shopper, tally: Tally): Promise<void> {
  await counted(tally, async () => {
    const order = await checkout(shop, shopper, 'upi');
    if (order === 'out-of-stock') tally.soldOut++;
    else await settle(shop, shopper, order, 'paid', tally);
  });
}

async function settle(shop: Shop, shopper: Shopper, order: PlacedOrder, did: Told['did'], tally: Tally): Promise<void> {
  tally.placed++;
  const told = { orderId: order.id, userId: shopper.userId, total: order.total, did };
  let saw = order.status;
  try {
    if (did === 'abandoned') return;
    if (did !== 'cod') await pay(shop, await pageOf(shop, shopper, order), did === 'paid' ? 'success' : 'failure');
    const wanted = did === 'failed' ? ['PAYMENT_FAILED', 'CANCELLED'] : ['CONFIRMED', 'CANCELLED'];
    saw = await untilStatus(shop, shopper, order.id, wanted, WATCH_MS);
    if (saw === 'CONFIRMED') tally.confirmed++;
    else tally.ended++;
  } finally {
    // Acknowledged, whatever became of the rest: it must be in the books.
    tally.told.push({ ...told, saw });
  }
}

/** The page to pay at; the gateway may have answered after the checkout did. */
async function pageOf(shop: Shop, shopper: Shopper, order: PlacedOrder): Promise<string> {
  if (order.gatewayOrderId !== undefined) return order.gatewayOrderId;
  for (let n = 0; n < 20; n++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { payment } = await readOrder(shop, shopper, order.id);
    if (payment.gatewayOrderId) return payment.gatewayOrderId;
  }
  throw new Error(`${order.id}: no payment page was offered in 10 s`);
}

async function emptyCart(shop: Shop, shopper: Shopper, items: readonly { readonly sku: string }[]): Promise<void> {
  for (const { sku } of items) {
    const headers = { 'x-forwarded-for': shopper.forwardedFor };
    const path = `/api/cart/items/${sku}`;
    await shop.api.patiently({ method: 'DELETE', path, token: shopper.token, headers }, shop.patienceMs);
  }
}

async function counted(tally: Tally, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    tally.errors.push(error instanceof Error ? error.message : String(error));
  }
}

function anyOf<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('nothing is on sale');
  return item;
}

/** `work` for every item, `width` at a time. */
export async function side<T>(items: readonly T[], width: number, work: (item: T, index: number) => Promise<void>) {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
