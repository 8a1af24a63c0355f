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
  // Once it is paid nobody asks for hours: at a peak, a minute of them would be most of what a collection has to mark.
  limits: { idleMs: 10_000 },
};
