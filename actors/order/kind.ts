import type { ActorKind } from '../runtime/kind.ts';
import { decide } from './decide.ts';
import { reminders } from './decide-returns.ts';
import { evolve, initial } from './evolve.ts';
import type { OrderContract, OrderEvent, OrderView } from './order.ts';
import type { OrderState } from './state.ts';
import { view } from './view.ts';

export const order: ActorKind<'order', OrderContract, OrderState, OrderEvent, OrderView> = {
  name: 'order',
  stateVersion: 1,
  initial,
  decide,
  evolve,
  view,
  reminders,
  // The customer pays in half a minute or so, and later nobody asks for hours; to load it again is one read. At a peak a
  // minute of them would be most of what a collection has to mark.
  limits: { idleMs: 3_000 },
};
