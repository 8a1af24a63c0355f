/** What may be asked of an order once it is delivered. */
import { accept, type Decider, reject } from '../runtime/kind.ts';
import { chargedFor, lineStatus, liveSkus } from './money.ts';
import { CLOCK_SKEW_MS, type OrderContract, type OrderEvent, RETURN_WINDOW_MS, REVIEW_REQUEST_MS } from './order.ts';
import type { DeliveredState, OrderState } from './state.ts';

type AfterDelivery = Pick<OrderContract, 'requestReturn' | 'receiveReturn' | 'remind'>;

export const afterDelivery: Decider<AfterDelivery, OrderState, OrderEvent> = {
  requestReturn(state, { returnId, reason, skus: wanted }, now) {
    if (!isDelivered(state)) return reject({ type: 'invalid-transition', from: state.status });
    if (state.returns[returnId]) return accept([], null);
    const closedAt = state.deliveredAt + RETURN_WINDOW_MS;
    if (state.returnWindow === 'ended' || now > closedAt) return reject({ type: 'return-window-closed', closedAt });
    const skus = wanted ?? liveSkus(state).filter((sku) => lineStatus(state, sku) === 'DELIVERED');
    for (const sku of skus) {
      if (!state.lines.some((line) => line.sku === sku)) return reject({ type: 'unknown-line', sku });
      const status = lineStatus(state, sku);
      if (status !== 'DELIVERED') return reject({ type: 'invalid-transition', from: status });
    }
    if (skus.length === 0) return reject({ type: 'invalid-transition', from: state.status });
    return accept([{ type: 'ReturnRequested', returnId, skus, reason }], null);
  },

  receiveReturn(state, { returnId }) {
    const asked = isDelivered(state) ? state.returns[returnId] : undefined;
    if (!isDelivered(state) || !asked) return reject({ type: 'invalid-transition', from: state.status });
    if (asked.received) return accept([], null);
    const { skus } = asked;
    return accept([{ type: 'ReturnReceived', returnId, skus, refund: chargedFor(state, skus) }], null);
  },

  remind(state, { name }, now) {
    if (!isDelivered(state)) return accept([], null);
    const due = reminders(state).find((reminder) => reminder.name === name && reminder.at <= now + CLOCK_SKEW_MS);
    if (!due) return accept([], null);
    return accept([due.name === 'return-window' ? { type: 'ReturnWindowEnded' } : { type: 'ReviewRequested' }], null);
  },
};

const isDelivered = (state: OrderState): state is DeliveredState => 'deliveredAt' in state;

type OrderReminder = { readonly name: 'return-window' | 'review-request'; readonly at: number };

export function reminders(state: OrderState): readonly OrderReminder[] {
  if (!isDelivered(state)) return [];
  const { deliveredAt } = state;
  const wanted: OrderReminder[] = [];
  if (state.returnWindow === 'open') wanted.push({ name: 'return-window', at: deliveredAt + RETURN_WINDOW_MS });
  // Nobody is asked what they think of goods that they sent back.
  if (!state.reviewRequested && state.status !== 'RETURNED')
    wanted.push({ name: 'review-request', at: deliveredAt + REVIEW_REQUEST_MS });
  return wanted;
}
