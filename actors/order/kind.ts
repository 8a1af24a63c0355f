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
  // Once it is paid nobody asks for hours: at a peak, a minute of them would be most of what a collection has to mark.
  limits: { idleMs: 10_000 },
};
