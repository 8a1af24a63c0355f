/** A cart as one copy of it would behave: units by SKU. */
import { MAX_QUANTITY } from '../../actors/cart/cart.ts';
import type { Call, Model } from './linearizable.ts';

export type Lines = Readonly<Record<string, number>>;

export type CartOperation =
  | { readonly type: 'add' | 'set'; readonly sku: string; readonly quantity: number }
  | { readonly type: 'remove'; readonly sku: string }
  | { readonly type: 'read' }
  /** What was ordered leaves the cart some time after the order was placed. */
  | { readonly type: 'check-out'; readonly lines: Lines };

/** The cart after it; or it was refused, and nothing has changed. */
export type CartAnswer = Lines | 'refused';

export type CartCall = Call<CartOperation, CartAnswer>;

export const cartModel: Model<Lines, CartOperation, CartAnswer> = {
  initial: {},
  nameOf,
  apply(before, operation, answer) {
    const after = decide(before, operation);
    if (after === undefined) return answer === undefined || answer === 'refused' ? before : undefined;
    if (answer === undefined) return after;
    return answer !== 'refused' && nameOf(answer) === nameOf(after) ? after : undefined;
  },
};

function nameOf(lines: Lines): string {
  return Object.entries(lines)
    .map(([sku, quantity]) => `${sku}=${quantity}`)
    .toSorted()
    .join(' ');
}

/** Undefined: it is refused. */
function decide(before: Lines, operation: CartOperation): Lines | undefined {
  switch (operation.type) {
    case 'read':
      return before;
    case 'add': {
      const quantity = (before[operation.sku] ?? 0) + operation.quantity;
      return quantity > MAX_QUANTITY ? undefined : { ...before, [operation.sku]: quantity };
    }
    case 'set':
      return operation.sku in before ? { ...before, [operation.sku]: operation.quantity } : undefined;
    case 'remove': {
      const { [operation.sku]: gone, ...rest } = before;
      return gone === undefined ? undefined : rest;
    }
    case 'check-out':
      return Object.fromEntries(
        Object.entries(before)
          .map(([sku, quantity]) => [sku, quantity - (operation.lines[sku] ?? 0)] as const)
          .filter(([, quantity]) => quantity > 0),
      );
    default:
      return operation satisfies never;
  }
}
