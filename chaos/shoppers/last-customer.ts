/** When everything is healed somebody must be able to buy: a shop that answers nobody loses nothing either. */
import { randomUUID } from 'node:crypto';
import { type Shop, type Shopper, untilStatus } from '../../bench/shop/shopper.ts';
import type { Diary } from './diary.ts';

const PATIENCE_MS = 30_000;

/**
 * Buys what is in the cart. Undefined: served. An order whose four seconds went by while a cluster still elected a leader
 * has ended as it should, and its customer presses again, as people do.
 */
export async function lastCustomer(shop: Shop, shopper: Shopper, diary: Diary): Promise<string | undefined> {
  const { userId, token, addressId, forwardedFor } = shopper;
  const body = { addressId, payment: { method: 'cod' } };
  const end = Date.now() + PATIENCE_MS;
  try {
    for (let presses = 1; ; presses++) {
      diary.presses.set(userId, presses);
      const headers = { 'x-forwarded-for': forwardedFor, 'idempotency-key': randomUUID() };
      const request = { method: 'POST', path: '/api/orders', token, headers, body };
      const { status, body: order } = await shop.api.patiently(request, PATIENCE_MS);
      if (status === 409 && order.code === 'order-ended' && Date.now() < end) continue;
      if (status !== 201) return `${status} ${JSON.stringify(order)}`;
      const saw = await untilStatus(shop, shopper, order.id, ['CONFIRMED'], PATIENCE_MS);
      diary.told.push({ userId, orderId: order.id, total: order.totals.total, did: 'cod', saw, cancelled: false });
      return saw === 'CONFIRMED' ? undefined : `${order.id} is ${saw}`;
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
