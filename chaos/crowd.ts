/** A crowd at the actors' door: buyers who order at the same time, and what became of each. */
import { z } from 'zod';
import type { Actors } from '../actors/clients.ts';
import {
  type AddressId,
  type OrderId,
  type Pincode,
  type ProductId,
  paise,
  type SellerId,
  type Sku,
  times,
  type UserId,
} from '../actors/ids.ts';
import type { OrderView, Totals } from '../actors/order/order.ts';
import { ActorUnavailable } from '../actors/runtime/envelope.ts';
import { newId } from '../config/ids.ts';
import { WAREHOUSES } from '../config/warehouses.ts';

/** The time a whole crowd may take on a machine that others use too. */
const TIMEOUT_MS = 45_000;
/** An owner that does not know of the other's commits has nothing to say: the next one asked may. */
const LOOK_MS = 500;
const PRICE = paise(999_00);
const DELHI = '110001' as Pincode;

/** Sent for nothing. */
function totalsOf(units: number): Totals {
  const goods = times(PRICE, units);
  return { items: goods, discount: paise(0), shipping: paise(0), tax: paise(0), total: goods };
}

/** `units` of it, in two warehouses. */
export async function stockUp(actors: Pick<Actors, 'sku'>, sku: Sku, units: number): Promise<void> {
  const first = Math.ceil(units * 0.6);
  const [delhi, mumbai] = WAREHOUSES;
  for (const [{ id, pincode }, onHand] of [
    [delhi, first],
    [mumbai, units - first],
  ] as const) {
    await actors.sku(sku).setStock({ warehouseId: id, pincode, onHand });
  }
}

export type Bought = { readonly orderId: OrderId; readonly view: Exclude<OrderView, { status: 'NONE' }> };

export type BuyOptions = {
  readonly reservationMs?: number;
  readonly method?: 'cod' | 'upi';
  readonly userId?: UserId;
  readonly quantity?: number;
  /** In a sale: the bucket. */
  readonly ledger?: Sku;
};

/** One unit of each; resolves when the order has its stock, or has ended. Default: cash on delivery. */
export async function buy(
  actors: Actors,
  skus: readonly Sku[],
  { reservationMs = 600_000, method = 'cod', userId = newId('usr'), quantity = 1, ledger }: BuyOptions = {},
): Promise<Bought> {
  const orderId = newId('ord');
  const lines = skus.map((sku) => ({
    sku,
    productId: 'prd_chaos' as ProductId,
    sellerId: 'sel_chaos' as SellerId,
    name: sku,
    quantity,
    unitPrice: PRICE,
    ...(ledger === undefined ? {} : { ledger }),
  }));
  const placed = await actors.order(orderId).place(
    {
      userId,
      lines,
      totals: totalsOf(skus.length * quantity),
      shippingAddress: {
        id: 'adr_chaos' as AddressId,
        name: 'Chitra Iyer',
        phone: '+919000000001',
        line1: '1 Sale Street',
        city: 'New Delhi',
        state: 'Delhi',
        pincode: DELHI,
      },
      payment: { id: newId('pay'), method, gateway: method === 'cod' ? 'cod' : 'razorpay' },
      reservedUntil: Date.now() + reservationMs,
    },
    { timeoutMs: TIMEOUT_MS },
  );
  if (!placed.ok) throw new Error(`${orderId} was not placed: ${placed.rejection.type}`);
  const end = Date.now() + TIMEOUT_MS;
  for (let after = placed.version; ; ) {
    const read = await actors.order.watch(orderId, { after, timeoutMs: LOOK_MS }).catch(untilLater);
    if (read === undefined) {
      if (Date.now() >= end) throw new Error(`nobody knows what became of ${orderId}`);
      continue;
    }
    const { view, version } = read;
    if (view.status === 'PAYMENT_PENDING' || view.status === 'CONFIRMED' || view.status === 'CANCELLED')
      return { orderId, view };
    if (Date.now() >= end) throw new Error(`${orderId} is still ${view.status}`);
    after = version;
  }
}

/** Its node was killed, or the machine has too much to do. */
function untilLater(error: unknown): undefined {
  if (!(error instanceof ActorUnavailable) || !error.retryable) throw error;
}

/** At the simulator, whose notice is given to the payment here; resolves when the order has heard of it. */
export async function pay(actors: Actors, simulatorUrl: string, { orderId, view }: Bought): Promise<void> {
  const { gatewayOrderId, id } = view.payment;
  const answer = await fetch(`${simulatorUrl}/pay/${gatewayOrderId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ outcome: 'success' }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const { gatewayPaymentId } = paid.parse(await answer.json());
  const gatewayAt = Date.now();
  const taken = await actors.payment(id).recordCapture({ gatewayPaymentId, amount: view.totals.total, gatewayAt });
  if (!taken.ok) throw new Error(`${id} was not taken: ${taken.rejection.type}`);
  const end = Date.now() + TIMEOUT_MS;
  for (let after = 0; ; ) {
    const { view: now, version } = await actors.order.watch(orderId, { after, timeoutMs: LOOK_MS });
    if (now.status === 'CONFIRMED') return;
    if (Date.now() >= end) throw new Error(`${orderId} is still ${now.status}`);
    after = version;
  }
}

const paid = z.object({ gatewayPaymentId: z.string() });

/** How many were served, and the refusals that do not say which of what they wanted was short. */
export function verdict(crowd: readonly Bought[]) {
  const confirmed = crowd.filter(({ view }) => view.status === 'CONFIRMED');
  const refused = crowd.filter(({ view }) => view.status === 'CANCELLED');
  const unclear = refused.filter(({ view: { cancelled, lines } }) => {
    const short = cancelled?.short ?? [];
    const named = short.length > 0 && short.every(({ sku }) => lines.some((line) => line.sku === sku));
    return cancelled?.reason !== 'out-of-stock' || !named;
  });
  return { confirmed: confirmed.length, refused: refused.length, unclear };
}
