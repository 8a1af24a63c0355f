import type { ActorKind } from '../runtime/kind.ts';
import { decide } from './decide.ts';
import { evolve, initial } from './evolve.ts';
import type { PaymentContract, PaymentEvent, PaymentState, PaymentView } from './payment.ts';
import { view } from './view.ts';

export const payment: ActorKind<'payment', PaymentContract, PaymentState, PaymentEvent, PaymentView> = {
  name: 'payment',
  stateVersion: 1,
  initial,
  decide,
  evolve,
  view,
  // The customer pays in half a minute or so, and later nobody asks for hours; to load it again is one read. At a peak a
  // minute of them would be most of what a collection has to mark.
  limits: { idleMs: 3_000 },
};
