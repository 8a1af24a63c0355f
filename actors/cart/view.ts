import type { CartState, CartView } from './cart.ts';

/** Lines are never changed in place, so they may be shown as they are. */
export const view = ({ lines, coupon, orders, updatedAt }: CartState): CartView => ({
  lines,
  ...(coupon === undefined ? {} : { coupon }),
  ...(orders.length === 0 ? {} : { orders: orders.length }),
  updatedAt,
});
