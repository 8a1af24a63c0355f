import type { Instant } from '../ids.ts';
import { accept, type Decider, type Reminder, reject } from '../runtime/kind.ts';
import { CLOCK_SKEW_MS, type SaleContract, type SaleEvent, type SaleOver, type SaleState } from './sale.ts';

/** Every command may be repeated: what is so already is accepted and changes nothing. */
export const decide: Decider<SaleContract, SaleState, SaleEvent> = {
  declare: (state, input) => accept(state.status === 'none' ? [{ type: 'SaleDeclared', ...input }] : [], null),

  recordStocked(state, _input, now) {
    if (state.status === 'stocked' || state.status === 'open') return unchanged();
    if (state.status !== 'declared') return over(state);
    const stocked: SaleEvent = { type: 'SaleStocked' };
    // Its time may have come while the stock was being set aside.
    return accept(now >= state.startsAt ? [stocked, { type: 'SaleOpened' }] : [stocked], null);
  },

  refuse(state, { short }) {
    if (state.status === 'refused') return unchanged();
    return state.status === 'declared' ? accept([{ type: 'SaleRefused', short }], null) : over(state);
  },

  recordSoldOut(state, { sku }) {
    const told = state.status === 'none' || state.soldOut.includes(sku) || !has(state, sku);
    return accept(isOn(state) && !told ? [{ type: 'ItemSoldOut', sku }] : [], null);
  },

  recordAvailable(state, { sku }) {
    return accept(isOn(state) && state.soldOut.includes(sku) ? [{ type: 'ItemAvailable', sku }] : [], null);
  },

  end(state) {
    if (state.status === 'none') return over(state);
    return accept(isToCome(state) ? [{ type: 'SaleEnded', by: 'ops' }] : [], null);
  },

  recordSettled: (state) => accept(state.status === 'ended' ? [{ type: 'SaleSettled' }] : [], null),

  remind(state, { name }, now) {
    const due = reminders(state).find((reminder) => reminder.name === name && reminder.at <= now + CLOCK_SKEW_MS);
    if (!due) return unchanged();
    return accept([name === START ? { type: 'SaleOpened' } : { type: 'SaleEnded', by: 'time' }], null);
  },
};

const START = 'start';

export function reminders(state: SaleState): readonly Reminder[] {
  if (!isToCome(state)) return [];
  const end = { name: 'end', at: state.endsAt };
  return state.status === 'stocked' ? [{ name: START, at: state.startsAt }, end] : [end];
}

const unchanged = () => accept<SaleEvent, null>([], null);

const over = (state: SaleState): { readonly accepted: false; readonly rejection: SaleOver } =>
  reject({ type: 'sale-over', status: state.status });

type To = Extract<SaleState, { status: 'declared' | 'stocked' | 'open' | 'ended' | 'settled' }>;
const isToCome = (state: SaleState): state is To =>
  state.status === 'declared' || state.status === 'stocked' || state.status === 'open';

/** Buyers may come a moment before the sale is told to be open: their clocks are not one. */
const isOn = (state: SaleState): state is To => state.status === 'stocked' || state.status === 'open';

const has = (state: Exclude<SaleState, { status: 'none' }>, sku: string): boolean =>
  state.items.some((item) => item.sku === sku);

/** Whether its items may be had: gateways open and close by their own clocks, to the second, and not before it is stocked. */
export const isLive = (state: SaleState, now: Instant): boolean =>
  isOn(state) && state.startsAt <= now && now < state.endsAt;
