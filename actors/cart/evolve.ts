import type { EventMeta } from '../runtime/kind.ts';
import { ABANDONED_AFTER_MS, type CartEvent, type CartLine, type CartState, REMEMBERED_ORDERS } from './cart.ts';

export const initial = (): CartState => ({ lines: [], updatedAt: 0, remindAt: null, orders: [] });

export function evolve(state: CartState, event: CartEvent, { at }: EventMeta): CartState {
  switch (event.type) {
    case 'ItemAdded': {
      const { sku, quantity, offer } = event;
      const there = state.lines.some((line) => line.sku === sku);
      return touched(
        state,
        there
          ? state.lines.map((line) => (line.sku === sku ? { sku, quantity: line.quantity + quantity, offer } : line))
          : [...state.lines, { sku, quantity, offer }],
        at,
      );
    }
    case 'QuantityChanged': {
      const { sku, quantity } = event;
      return touched(
        state,
        state.lines.map((line) => (line.sku === sku ? { ...line, quantity } : line)),
        at,
      );
    }
    case 'ItemRemoved':
      return touched(
        state,
        state.lines.filter((line) => line.sku !== event.sku),
        at,
      );
    case 'CouponApplied':
      return touched({ ...state, coupon: event.code }, state.lines, at);
    case 'CouponRemoved':
      return touched(withoutCoupon(state), state.lines, at);
    case 'CartCheckedOut': {
      const ordered = new Map(event.lines.map((line) => [line.sku, line.quantity]));
      const left = state.lines
        .map((line) => ({ ...line, quantity: line.quantity - (ordered.get(line.sku) ?? 0) }))
        .filter((line) => line.quantity > 0);
      const orders = [...state.orders, event.orderId].slice(-REMEMBERED_ORDERS);
      return { ...touched(withoutCoupon(state), left, at), orders };
    }
    case 'CartAbandoned':
      return { ...state, remindAt: null };
    case 'AbandonmentPostponed':
      return { ...state, remindAt: event.until };
    default:
      return event satisfies never;
  }
}

function withoutCoupon({ coupon: _, ...state }: CartState): CartState {
  return state;
}

/**
 * A reminder is set only when none is to come: one that was set and has passed its time found an empty cart. A cart
 * that is emptied keeps its reminder, which is then moot, or serves for what is added next.
 */
function touched(state: CartState, lines: readonly CartLine[], at: number): CartState {
  const outstanding = state.remindAt !== null && state.remindAt > at;
  return { ...state, lines, updatedAt: at, remindAt: outstanding ? state.remindAt : at + ABANDONED_AFTER_MS };
}
