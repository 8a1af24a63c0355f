import type { ActorKind } from '../runtime/kind.ts';
import { decide } from './decide.ts';
import { evolve, initial } from './evolve.ts';
import type { PromotionContract, PromotionEvent, PromotionState, PromotionView } from './promotion.ts';

export const promotion: ActorKind<'promotion', PromotionContract, PromotionState, PromotionEvent, PromotionView> = {
  name: 'promotion',
  stateVersion: 1,
  initial,
  decide,
  evolve,
  // Never changed in place, so it can be shown as it is.
  view: (state) => state,
};
