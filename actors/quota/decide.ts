import { accept, type Decider, reject } from '../runtime/kind.ts';
import { wholeSecond } from './expiry.ts';
import type { QuotaContract, QuotaEvent, QuotaState } from './quota.ts';
import { claimOf, roomFor } from './room.ts';

/** Every command may be repeated: what is so already is accepted and changes nothing. */
export const decide: Decider<QuotaContract, QuotaState, QuotaEvent> = {
  set(state, { limits }) {
    // Expired claims count here until somebody has taken them back: their orders may still confirm them.
    const { uses, spent } = state;
    if ((limits.uses ?? uses) < uses || (limits.budget ?? spent) < spent)
      return reject({ type: 'below-claimed', uses, spent });
    const same =
      state.limits.uses === limits.uses &&
      state.limits.budget === limits.budget &&
      state.limits.perCustomer === limits.perCustomer;
    if (same && state.status !== 'none') return accept([], null);
    return accept([{ type: 'QuotaSet', limits }], null);
  },

  close(state) {
    if (state.status === 'none') return reject({ type: 'no-quota' });
    return accept(state.status === 'open' ? [{ type: 'QuotaClosed' }] : [], null);
  },

  open(state) {
    if (state.status === 'none') return reject({ type: 'no-quota' });
    return accept(state.status === 'closed' ? [{ type: 'QuotaOpened' }] : [], null);
  },

  claim(state, { orderId, customer, amount, expiresAt }, now) {
    const known = claimOf(state, orderId);
    if (known !== undefined) return accept([], { amount: known.amount });
    if (state.status === 'none') return reject({ type: 'no-quota' });
    if (state.status === 'closed') return reject({ type: 'offer-paused' });
    const room = roomFor({ customer, amount }, state, now);
    if (room.refusal !== undefined) return reject(room.refusal);
    const claimed: QuotaEvent = { type: 'UseClaimed', orderId, customer, amount, expiresAt: wholeSecond(expiresAt) };
    return accept([...room.lapses, claimed], { amount });
  },

  confirm(state, { orderId }, now) {
    // Expired, but nobody has asked for it since: it is still this order's.
    const hold = state.holds[orderId];
    if (hold !== undefined) {
      const { customer, amount } = hold;
      return accept([{ type: 'UseConfirmed', orderId, customer, amount }], null);
    }
    const lapsed = state.lapsed[orderId];
    if (lapsed === undefined) return accept([], null);
    const room = roomFor(lapsed, state, now);
    if (room.refusal !== undefined) return reject(room.refusal);
    return accept([...room.lapses, { type: 'UseConfirmed', orderId, ...lapsed }], null);
  },

  release(state, { orderId }) {
    const found = [
      { was: 'held', claim: state.holds[orderId] },
      { was: 'confirmed', claim: state.confirmed[orderId] },
      { was: 'lapsed', claim: state.lapsed[orderId] },
    ] as const;
    const of = found.find(({ claim }) => claim !== undefined);
    if (of?.claim === undefined) return accept([], null);
    const { customer, amount } = of.claim;
    return accept([{ type: 'UseReleased', orderId, customer, amount, was: of.was }], null);
  },
};
