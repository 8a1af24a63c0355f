import type { Sku } from '../ids.ts';
import { accept, type Decider, reject } from '../runtime/kind.ts';
import {
  ABANDONED_AFTER_MS,
  type CartContract,
  type CartEvent,
  type CartLine,
  type CartState,
  type CartView,
  CLOCK_SKEW_MS,
  MAX_LINES,
  MAX_QUANTITY,
} from './cart.ts';
import { evolve } from './evolve.ts';
import { view } from './view.ts';

const lineOf = (state: CartState, sku: Sku): CartLine | undefined => state.lines.find((line) => line.sku === sku);

/** `evolve` copies here, so the cart after the event can be shown before it is written. */
const changed = (state: CartState, event: CartEvent, now: number): ReturnType<typeof accept<CartEvent, CartView>> =>
  accept([event], view(evolve(state, event, { at: now, version: 0 })));

export const decide: Decider<CartContract, CartState, CartEvent> = {
  addItem(state, { sku, quantity, offer }, now) {
    const line = lineOf(state, sku);
    if ((line?.quantity ?? 0) + quantity > MAX_QUANTITY) return reject({ type: 'quantity-limit', limit: MAX_QUANTITY });
    if (!line && state.lines.length >= MAX_LINES) return reject({ type: 'cart-full', limit: MAX_LINES });
    return changed(state, { type: 'ItemAdded', sku, quantity, offer }, now);
  },

  setQuantity(state, { sku, quantity }, now) {
    const line = lineOf(state, sku);
    if (!line) return reject({ type: 'not-in-cart', sku });
    if (quantity > MAX_QUANTITY) return reject({ type: 'quantity-limit', limit: MAX_QUANTITY });
    if (quantity === line.quantity) return accept([], view(state));
    return changed(state, { type: 'QuantityChanged', sku, quantity }, now);
  },

  removeItem(state, { sku }, now) {
    if (!lineOf(state, sku)) return reject({ type: 'not-in-cart', sku });
    return changed(state, { type: 'ItemRemoved', sku }, now);
  },

  applyCoupon(state, { code }, now) {
    if (state.coupon === code) return accept([], view(state));
    return changed(state, { type: 'CouponApplied', code }, now);
  },

  removeCoupon(state, _input, now) {
    if (state.coupon === undefined) return accept([], view(state));
    return changed(state, { type: 'CouponRemoved' }, now);
  },

  /** Written even if the lines have left the cart meanwhile: the order must be remembered, or a repeat would take out what is added later. */
  checkOut(state, { orderId, lines }) {
    if (state.orders.includes(orderId)) return accept([], null);
    return accept([{ type: 'CartCheckedOut', orderId, lines }], null);
  },

  remind(state, _input, now) {
    const { remindAt } = state;
    const reached = (at: number): boolean => now + CLOCK_SKEW_MS >= at;
    if (remindAt === null || !reached(remindAt) || state.lines.length === 0) return accept([], null);
    const until = state.updatedAt + ABANDONED_AFTER_MS;
    if (reached(until)) return accept([{ type: 'CartAbandoned' }], null);
    return accept([{ type: 'AbandonmentPostponed', until }], null);
  },
};
