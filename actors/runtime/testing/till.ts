/** A small kind for the runtime's own tests: a till that takes coins and must never hold more than its limit. */
import { type ActorKind, accept, reject } from '../kind.ts';

export const TILL_LIMIT = 1_000_000;

export type TillEvent =
  | { readonly type: 'Paid'; readonly amount: number }
  | { readonly type: 'Emptied'; readonly amount: number };

export type TillContract = {
  pay: {
    input: { readonly amount: number };
    result: { readonly total: number };
    rejection: { readonly type: 'full'; readonly total: number };
  };
  empty: { input: object; result: { readonly taken: number }; rejection: never };
  /** Fails after `evolve` has begun to change the state, as a bug would. */
  break: { input: { readonly where: 'decide' | 'evolve' }; result: null; rejection: never };
  remind: { input: { readonly name: string }; result: null; rejection: never };
};

/** Changed in place by `evolve`, as a hot actor does. */
export type TillState = { total: number; payments: number; note: string };

export const tillKind: ActorKind<'till', TillContract, TillState, TillEvent, Readonly<TillState>> = {
  name: 'till',
  stateVersion: 1,
  initial: () => ({ total: 0, payments: 0, note: '' }),
  decide: {
    pay: (state, { amount }) =>
      state.total + amount > TILL_LIMIT
        ? reject({ type: 'full', total: state.total })
        : accept([{ type: 'Paid', amount }], { total: state.total + amount }),
    empty: (state) =>
      state.total === 0
        ? accept([], { taken: 0 })
        : accept([{ type: 'Emptied', amount: state.total }], { taken: state.total }),
    break: (_state, { where }) => {
      if (where === 'decide') throw new Error('decide is broken');
      return accept([{ type: 'Paid', amount: Number.NaN }], null);
    },
    remind: (state, { name }) =>
      name === 'empty' && state.total > 0 ? accept([{ type: 'Emptied', amount: state.total }], null) : accept([], null),
  },
  evolve: (state, event) => {
    state.payments += 1;
    if (Number.isNaN(event.amount)) throw new Error('evolve is broken');
    state.total = event.type === 'Paid' ? state.total + event.amount : 0;
    return state;
  },
  view: ({ total, payments, note }) => ({ total, payments, note }),
  reminders: (state) => (state.total > 0 ? [{ name: 'empty', at: 2_000_000_000_000 }] : []),
};
