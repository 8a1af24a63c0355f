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
};
