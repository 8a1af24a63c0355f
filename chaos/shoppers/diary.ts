/** What the customers of one run did and were told: all that the outside knows. */
import type { CartCall } from '../verdict/cart-model.ts';

/** An order that was acknowledged to its customer. */
export type Told = {
  readonly userId: string;
  readonly orderId: string;
  /** Paise. */
  readonly total: number;
  readonly did: 'paid' | 'failed' | 'abandoned' | 'cod';
  /** The last status that the customer saw. */
  saw: string;
  /** The customer's cancellation was acknowledged. */
  cancelled: boolean;
};

export type Diary = {
  readonly told: Told[];
  /** Orders that their customers were told to have come to nothing, and why. */
  readonly refused: { readonly userId: string; readonly orderId: string; readonly code: string }[];
  /** Presses of the order button, by customer: each may make one order at most. */
  readonly presses: Map<string, number>;
  readonly carts: Map<string, CartCall[]>;
  /** Steps that were given up without an answer. */
  readonly gaveUp: string[];
  /** Answers that the API does not allow there. */
  readonly strange: string[];
};

export const newDiary = (): Diary => ({
  told: [],
  refused: [],
  presses: new Map(),
  carts: new Map(),
  gaveUp: [],
  strange: [],
});
