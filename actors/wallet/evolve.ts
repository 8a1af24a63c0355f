import { type Instant, paise } from '../ids.ts';
import { ImpossibleEvent } from '../impossible-event.ts';
import type { EventMeta } from '../runtime/kind.ts';
import { periodOf } from './calendar.ts';
import { loadedAt } from './kyc-limits.ts';
import { totalOf, withLots, without } from './postings.ts';
import { type Account, type EndedOrder, KNOWN_MS, type WalletEvent, type WalletState } from './wallet.ts';

const NOTHING = paise(0);

export const initial = (): WalletState => ({
  kyc: { level: 'none', reference: '' },
  accounts: {
    balance: NOTHING,
    held: NOTHING,
    credit: NOTHING,
    'credit-held': NOTHING,
    clearing: NOTHING,
    orders: NOTHING,
    promotions: NOTHING,
  },
  lots: [],
  holds: {},
  orders: {},
  openTopUps: {},
  topUps: {},
  grants: {},
  refunds: {},
  loaded: { month: '', inMonth: NOTHING, year: '', inYear: NOTHING },
  awaitUntil: 0,
});

/** What the customer can never owe. */
const NEVER_BELOW_ZERO: readonly Account[] = ['balance', 'held', 'credit', 'credit-held'];

/** Changes `state` in place. An event that does not balance, or overdraws, is impossible: it is not taken into the books. */
export function evolve(state: WalletState, event: WalletEvent, { at }: EventMeta): WalletState {
  post(state, event);
  switch (event.type) {
    case 'KycRecorded':
      state.kyc = { level: event.level, reference: event.reference };
      return state;
    case 'TopUpOpened':
      state.openTopUps[event.topUpId] = { amount: event.amount, expiresAt: event.expiresAt };
      return state;
    case 'TopUpLapsed':
      delete state.openTopUps[event.topUpId];
      return state;
    case 'TopUpRefused':
    case 'ToppedUp': {
      const { topUpId, amount } = event;
      const credited = event.type === 'ToppedUp';
      delete state.openTopUps[topUpId];
      know(state.topUps, topUpId, { amount, credited, at });
      if (!credited) return state;
      const loaded = loadedAt(state, at);
      const { month, year } = periodOf(at);
      state.loaded = { month, inMonth: paise(loaded.month + amount), year, inYear: paise(loaded.year + amount) };
      return state;
    }
    case 'CreditGranted': {
      const { grantId, amount, expiresAt } = event;
      state.lots = withLots(state.lots, [{ grantId, amount, expiresAt }]);
      know(state.grants, grantId, { amount, expiresAt, at });
      return state;
    }
    case 'CreditExpired': {
      const { grantId, amount, expiresAt } = event;
      state.lots = without(state.lots, [{ grantId, amount, expiresAt }]);
      return state;
    }
    case 'MoneyHeld': {
      const { orderId, asked, until, own, credit } = event;
      delete state.orders[orderId];
      state.lots = without(state.lots, credit);
      state.holds[orderId] = { asked, until, own, credit };
      return state;
    }
    case 'HoldReleased': {
      const { orderId, own, credit, why } = event;
      const before = state.holds[orderId] ?? state.orders[orderId];
      delete state.holds[orderId];
      state.lots = withLots(state.lots, credit);
      const status = why === 'expired' ? 'lapsed' : 'released';
      end(state, orderId, { status, asked: before?.asked ?? NOTHING, own, credit, total: totalOf(event), at });
      return state;
    }
    case 'OrderPaid': {
      const { orderId, asked, from, own, credit } = event;
      delete state.holds[orderId];
      if (from === 'balance') state.lots = without(state.lots, credit);
      end(state, orderId, { status: 'paid', asked, own, credit, total: totalOf(event), at });
      return state;
    }
    case 'OrderRefunded': {
      const { orderId, refundId, own, credit } = event;
      const order = state.orders[orderId];
      if (order === undefined) throw new ImpossibleEvent(event.type, `without order ${orderId}`);
      state.orders[orderId] = { ...order, own: paise(order.own - own), credit: without(order.credit, event.from) };
      state.lots = withLots(state.lots, credit);
      know(state.refunds, refundId, { orderId, total: totalOf(event), at });
      return state;
    }
    case 'ExpiryAwaited':
      state.awaitUntil = event.until;
      return state;
    default:
      return event satisfies never;
  }
}

function post({ accounts }: WalletState, event: WalletEvent): void {
  if (!('postings' in event)) return;
  let sum = 0;
  for (const { account, amount } of event.postings) {
    sum += amount;
    accounts[account] = paise(accounts[account] + amount);
  }
  if (sum !== 0) throw new ImpossibleEvent(event.type, `out of balance by ${sum}`);
  const below = NEVER_BELOW_ZERO.find((account) => accounts[account] < 0);
  if (below !== undefined) throw new ImpossibleEvent(event.type, `with ${below} overdrawn`);
}

function end(state: WalletState, orderId: keyof WalletState['orders'], order: EndedOrder): void {
  // Put in anew: the oldest stand first.
  delete state.orders[orderId];
  know(state.orders, orderId, order);
}

/** What is older than it need be known is forgotten. */
function know<Id extends string, T extends { readonly at: Instant }>(known: Record<Id, T>, id: Id, what: T): void {
  known[id] = what;
  for (const key in known) {
    if (known[key].at > what.at - KNOWN_MS) return;
    delete known[key];
  }
}
