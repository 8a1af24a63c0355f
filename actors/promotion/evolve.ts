import { ImpossibleEvent } from '../impossible-event.ts';
import type { EventMeta } from '../runtime/kind.ts';
import type { PromotionEvent, PromotionState } from './promotion.ts';

export const initial = (): PromotionState => ({ status: 'none' });

export function evolve(state: PromotionState, event: PromotionEvent, { at }: EventMeta): PromotionState {
  if (event.type === 'PromotionDeclared')
    return { status: 'active', terms: event.terms, limits: event.limits, declaredAt: at };
  if (state.status === 'none') throw new ImpossibleEvent(event.type, state.status);
  switch (event.type) {
    case 'PromotionLimitsSet':
      return { ...state, limits: event.limits };
    case 'PromotionPaused':
      return { ...state, status: 'paused' };
    case 'PromotionResumed':
      return { ...state, status: 'active' };
    case 'PromotionEnded':
      return { ...state, status: 'ended' };
    default:
      return event satisfies never;
  }
}
