/**
 * What was wrong with a run: what its customers were told (and nothing else of the inside) against the event streams, the
 * till of the payment gateway and the tables. Each finding is a sentence.
 */
import { tablesAgainstLedgers, tillAgainstLedgers } from '../../bench/reckoning/agreement.ts';
import type { Ledgers } from '../../bench/reckoning/ledgers.ts';
import type { Tables } from '../../bench/reckoning/tables.ts';
import type { Till } from '../../bench/reckoning/till.ts';
import type { DeadLetter } from '../../brokers/reactors/dead-letters.ts';
import type { Diary } from '../shoppers/diary.ts';
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
function lost({ diary, ledgers }: Evidence): string[] {
  const faults: string[] = [];
  for (const { orderId, userId, total, saw, did, cancelled } of diary.told) {
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

function oversold({ goods: { scarce, plenty, units }, ledgers }: Evidence): string[] {
  const faults: string[] = [];
  for (const sku of [scarce, ...plenty]) {
    const state = ledgers.skus.get(sku)?.state;
    if (state === undefined) faults.push(`${sku} is not in the streams`);
    else if (sku === scarce && (state.received !== units || state.sold - state.restocked > units))
      faults.push(`${sku}: ${state.sold - state.restocked} sold of ${state.received}; ${units} were put on sale`);
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

function unfinished({ ledgers, goods }: Evidence): string[] {
  const faults: string[] = [];
  for (const [id, { state }] of ledgers.orders)
    if (WAITING.has(state.status)) faults.push(`${id} is still ${state.status}`);
  for (const [id, { state }] of ledgers.payments) {
    if (state.status === 'none') continue;
    for (const { refundId, status } of state.refunds)
      if (status !== 'processed') faults.push(`${id}: ${refundId} is ${status}`);
  }
  // A unit that is neither sold nor free is nobody's: its order has ended, or has been sold it already.
  for (const sku of [goods.scarce, ...goods.plenty]) {
    const now = Date.now();
    for (const [orderId, { expiresAt }] of Object.entries(ledgers.skus.get(sku)?.state.holds ?? {}))
      if (expiresAt > now) faults.push(`${sku} is still held for ${orderId}`);
  }
  return faults;
}

/** When the run is over, once: a cart's history is as long as it gets. */
export const judgeCarts = ({ carts }: Diary): readonly Finding[] =>
  [...carts].flatMap(([userId, calls]) => {
    const found = anomaly(cartModel, calls);
    if (found === undefined) return [];
    const what = `the cart of ${userId} is not linearizable: ${found.explained} of ${found.of} answers can be explained`;
    return [{ kind: 'cartAnomaly' as const, what }];
  });
