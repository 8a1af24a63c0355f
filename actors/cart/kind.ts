import type { ActorKind } from '../runtime/kind.ts';
import type { CartContract, CartEvent, CartState, CartView } from './cart.ts';
import { decide } from './decide.ts';
import { evolve, initial } from './evolve.ts';
import { view } from './view.ts';

export const cart: ActorKind<'cart', CartContract, CartState, CartEvent, CartView> = {
  name: 'cart',
  stateVersion: 1,
  initial,
  decide,
  evolve,
  view,
  reminders: ({ remindAt }) => (remindAt === null ? [] : [{ name: 'abandoned', at: remindAt }]),
  // Every remembered command carries the cart it answered with, and what is carried is only for the successor of a node that
  // died: more than a person does in the seconds that a caller goes on asking.
  limits: { commandWindow: 8, idleMs: 20_000 },
};
