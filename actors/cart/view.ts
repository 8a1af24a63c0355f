import type { CartState, CartView } from './cart.ts';

/** Lines are never changed in place, so they may be shown as they are. */
export const view = ({ lines, updatedAt }: CartState): CartView => ({ lines, updatedAt });
