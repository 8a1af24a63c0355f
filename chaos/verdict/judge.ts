/**
 * What was wrong with a run: what its customers were told (and nothing else of the inside) against the event streams, the
 * till of the payment gateway and the tables. Each finding is a sentence.
 */

import type { Sku } from '../../actors/ids.ts';
import { bucketOf, skuOf } from '../../actors/sku/buckets/bucket-id.ts';
import { tablesAgainstLedgers, tillAgainstLedgers } from '../../bench/reckoning/agreement.ts';
import { type Ledgers, soldTo } from '../../bench/reckoning/ledgers.ts';
import type { Tables } from '../../bench/reckoning/tables.ts';
import type { Till } from '../../bench/reckoning/till.ts';
import { altogether } from '../../bench/reckoning/transfers.ts';
import type { DeadLetter } from '../../brokers/reactors/dead-letters.ts';
import type { Diary, Told } from '../shoppers/diary.ts';
import type { Goods } from '../shoppers/goods.ts';
import { cartModel } from './cart-model.ts';
import { anomaly } from './linearizable.ts';

export type Finding = {
  readonly kind: 'lost' | 'oversold' | 'doubleCharged' | 'unfinished' | 'cartAnomaly' | 'deadLetter' | 'disagreement';
  readonly what: string;
};

export type Evidence = {
  readonly diary: Diary;
  readonly goods: Goods;
  /** What was acknowledged in the runs before: what was there once must stay. */
  readonly before: readonly Told[];
  /** Flash sales that have been over for long, by SKU: nothing may be left in their buckets. */
  readonly salesOver: readonly string[];
  readonly ledgers: Ledgers;
  readonly till: Till;
  readonly tables: Tables;
  readonly deadLetters: readonly DeadLetter[];
};

export function judge(evidence: Evidence): readonly Finding[] {
  const { ledgers, till, tables, deadLetters, diary } = evidence;
  const as = (kind: Finding['kind'], whats: readonly string[]): Finding[] => whats.map((what) => ({ kind, what }));
  return [
    ...as('lost', [...ledgers.about.broken, ...lost(evidence)]),
    ...as('oversold', [...ledgers.about.stock, ...oversold(evidence)]),
    ...as('doubleCharged', [...ledgers.about.money, ...tillAgainstLedgers(till, ledgers), ...pressedOnce(evidence)]),
    ...as('unfinished', unfinished(evidence)),
    ...as(
      'deadLetter',
      deadLetters.map(({ consumer, step, subject, error }) => `${consumer} ${step} ${subject}: ${error.message}`),
    ),
    ...as('disagreement', [...tablesAgainstLedgers(tables, ledgers), ...diary.strange]),
  ];
}

/** What a customer was told must be so, and stay so. */
function lost({ diary, before, ledgers }: Evidence): string[] {
  const faults: string[] = [];
  for (const { orderId, userId, total, saw, did, cancelled } of [...before, ...diary.told]) {
    const state = ledgers.orders.get(orderId)?.state;
    if (state === undefined || state.status === 'NONE') {
      faults.push(`${orderId} was acknowledged and is not in the streams`);
      continue;
    }
    if (state.userId !== userId || state.totals.total !== total)
      faults.push(`${orderId} is not as it was acknowledged`);
    if (cancelled && state.status !== 'CANCELLED') faults.push(`${orderId} was cancelled and is ${state.status}`);
    if (saw === 'CONFIRMED' && !cancelled && state.status !== 'CONFIRMED' && !lostItsStock(state))
      faults.push(`${orderId} (${did}) was CONFIRMED and is ${state.status}`);
  }
  for (const { orderId, code } of diary.refused) {
    const status = ledgers.orders.get(orderId)?.state.status ?? 'NONE';
    if (status !== 'CANCELLED') faults.push(`${orderId} was refused (${code}) and is ${status}`);
  }
  return faults;
}

/** Its hold ran out before its payment was worked off, and others had come: told, cancelled, and refunded. */
const lostItsStock = (state: { readonly status: string; readonly cancelled?: { readonly reason: string } }): boolean =>
  state.cancelled?.reason === 'stock-lost';

/** Orders that were told to be confirmed, and lost their stock. */
export const stockLost = ({ diary, ledgers }: Evidence): readonly Told[] =>
  diary.told.filter(({ orderId, saw }) => {
    const state = ledgers.orders.get(orderId)?.state;
    return saw === 'CONFIRMED' && state !== undefined && lostItsStock(state);
  });

const soldUnits = (history: Parameters<typeof soldTo>[0]): readonly number[] => [...soldTo(history).values()];

/** Over all ledgers of a SKU, those of its sales too. */
function oversold({ goods, ledgers }: Evidence): string[] {
  const faults: string[] = [];
  for (const [sku, units] of Object.entries(goods.units)) {
    const { received, sold, reserved, available, onTheirWay } = altogether(ledgers.skus, sku);
    if (received === 0) faults.push(`${sku} is not in the streams`);
    else if (received !== units || sold + reserved + available + onTheirWay !== units)
      faults.push(
        `${sku}: ${sold} sold, ${reserved} held, ${available} left, ${onTheirWay} on their way, of ${received} received; ` +
          `${units} were put on sale`,
      );
    // Once more, from nothing but what the events say was sold: a fold that is wrong would hide it from itself.
    const bought = [...ledgers.skus.values()].filter(({ id }) => skuOf(id as Sku) === sku).flatMap(soldUnits);
    const total = bought.reduce((sum, of) => sum + of, 0);
    if (total > units) faults.push(`${sku}: ${total} units were sold to customers; ${units} were put on sale`);
  }
  return faults;
}

/** A press of the order button makes one order at most, however often it was sent. */
function pressedOnce({ diary, ledgers }: Evidence): string[] {
  const made = new Map<string, number>();
  for (const { state } of ledgers.orders.values())
    if (state.status !== 'NONE') made.set(state.userId, (made.get(state.userId) ?? 0) + 1);
  return [...diary.presses].flatMap(([userId, presses]) => {
    const orders = made.get(userId) ?? 0;
    return orders > presses ? [`${userId} pressed ${presses} times, and has ${orders} orders`] : [];
  });
}

const WAITING = new Set(['CREATED', 'PAYMENT_PENDING', 'PAYMENT_FAILED']);

function unfinished({ ledgers, goods, salesOver }: Evidence): string[] {
  const faults: string[] = [];
  for (const [id, { state }] of ledgers.orders)
    if (WAITING.has(state.status)) faults.push(`${id} is still ${state.status}`);
  for (const [id, { state }] of ledgers.payments) {
    if (state.status === 'none') continue;
    for (const { refundId, status } of state.refunds)
      if (status !== 'processed') faults.push(`${id}: ${refundId} is ${status}`);
  }
  // A unit that is neither sold nor free is nobody's: its order has ended, or has been sold it already.
  const now = Date.now();
  for (const [id, { state }] of ledgers.skus) {
    const sku = skuOf(id as Sku);
    if (sku in goods.units)
      for (const [orderId, { expiresAt }] of Object.entries(state.holds))
        if (expiresAt > now) faults.push(`${id} is still held for ${orderId}`);
    if (bucketOf(id) === undefined || !salesOver.includes(sku)) continue;
    const left = Object.values(state.warehouses).reduce((sum, { onHand }) => sum + onHand, 0);
    if (left > 0 || state.bucket?.closed !== true) faults.push(`${id} has ${left} units, and its sale is over`);
  }
  return faults;
}

/** When the run is over, once: a cart's history is as long as it gets. */
export const judgeCarts = ({ carts }: Diary): Finding[] =>
  [...carts].flatMap(([userId, calls]) => {
    const found = anomaly(cartModel, calls);
    if (found === undefined) return [];
    const what = `the cart of ${userId} is not linearizable: ${found.explained} of ${found.of} answers can be explained`;
    return [{ kind: 'cartAnomaly' as const, what }];
  });
