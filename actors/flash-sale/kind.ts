import type { ActorKind } from '../runtime/kind.ts';
import { decide, reminders } from './decide.ts';
import { evolve, initial } from './evolve.ts';
import type { SaleContract, SaleEvent, SaleState, SaleView } from './sale.ts';

export const sale: ActorKind<'sale', SaleContract, SaleState, SaleEvent, SaleView> = {
  name: 'sale',
  stateVersion: 1,
  initial,
  decide,
  evolve,
  // Never changed in place, so it can be shown as it is.
  view: (state) => state,
  reminders,
};
