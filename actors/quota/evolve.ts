import { type Instant, type OrderId, paise, type UserId } from '../ids.ts';
import { ImpossibleEvent } from '../impossible-event.ts';
import type { EventMeta } from '../runtime/kind.ts';
import { addHold, removeHold } from './expiry.ts';
import { type Claim, CONFIRMED_KNOWN_MS, type QuotaEvent, type QuotaState } from './quota.ts';

export const initial = (): QuotaState => ({
  status: 'none',
  limits: { uses: null, budget: null, perCustomer: null },
  uses: 0,
  spent: paise(0),
  customers: {},
  holds: {},
  expiring: {},
  firstExpiry: null,
  lapsed: {},
  confirmed: {},
});

/** Changes `state` in place: a hot offer must not copy thousands of claims per order. */
export function evolve(state: QuotaState, event: QuotaEvent, { at }: EventMeta): QuotaState {
  switch (event.type) {
    case 'QuotaSet':
      state.limits = event.limits;
      if (state.status === 'none') state.status = 'open';
      return state;
    case 'QuotaClosed':
      state.status = 'closed';
      return state;
    case 'QuotaOpened':
      state.status = 'open';
      return state;
    case 'UseClaimed': {
      const { orderId, customer, amount, expiresAt } = event;
      delete state.lapsed[orderId];
      addHold(state, orderId, { customer, amount, expiresAt });
      count(state, event, 1);
      return state;
    }
    case 'UseConfirmed': {
      const { orderId, customer, amount } = event;
      const held = removeHold(state, orderId);
      delete state.lapsed[orderId];
      // What was held is counted already.
      if (held === undefined) count(state, event, 1);
      forget(state, at);
      state.confirmed[orderId] = { customer, amount, at };
      return state;
    }
    case 'UseReleased':
      if (event.was === 'held') removeHold(state, event.orderId);
      delete state.confirmed[event.orderId];
      delete state.lapsed[event.orderId];
      if (event.was !== 'lapsed') count(state, event, -1);
      return state;
    case 'UseLapsed': {
      const { orderId, customer, amount } = event;
      if (removeHold(state, orderId) === undefined) throw new ImpossibleEvent(event.type, `without claim ${orderId}`);
      state.lapsed[orderId] = { customer, amount };
      count(state, event, -1);
      return state;
    }
    default:
      return event satisfies never;
  }
}

function count(state: QuotaState, { customer, amount }: Claim, by: 1 | -1): void {
  state.uses += by;
  state.spent = paise(state.spent + by * amount);
  const uses = (state.customers[customer] ?? 0) + by;
  if (uses > 0) state.customers[customer as UserId] = uses;
  else delete state.customers[customer];
}

function forget(state: QuotaState, now: Instant): void {
  for (const key in state.confirmed) {
    const orderId = key as OrderId;
    if ((state.confirmed[orderId]?.at ?? now) > now - CONFIRMED_KNOWN_MS) return;
    delete state.confirmed[orderId];
  }
}
