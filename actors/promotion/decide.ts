import { accept, type Decider, reject } from '../runtime/kind.ts';
import type { PromotionContract, PromotionEvent, PromotionOver, PromotionState } from './promotion.ts';

export const decide: Decider<PromotionContract, PromotionState, PromotionEvent> = {
  declare(state, { terms, limits }) {
    if (state.status === 'none') return accept([{ type: 'PromotionDeclared', terms, limits }], null);
    const repeated = same(state.terms, terms) && same(state.limits, limits);
    return repeated ? accept([], null) : reject({ type: 'code-taken' });
  },

  setLimits(state, { limits }) {
    if (isOver(state)) return over(state);
    return accept(same(state.limits, limits) ? [] : [{ type: 'PromotionLimitsSet', limits }], null);
  },

  pause(state) {
    if (isOver(state)) return over(state);
    return accept(state.status === 'active' ? [{ type: 'PromotionPaused' }] : [], null);
  },

  resume(state) {
    if (isOver(state)) return over(state);
    return accept(state.status === 'paused' ? [{ type: 'PromotionResumed' }] : [], null);
  },

  end(state) {
    if (state.status === 'none') return over(state);
    return accept(state.status === 'ended' ? [] : [{ type: 'PromotionEnded' }], null);
  },
};

/** Both were read by the same schema, which puts the fields in one order. */
const same = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

type Over = Extract<PromotionState, { status: 'none' }> | (PromotionState & { readonly status: 'ended' });
const isOver = (state: PromotionState): state is Over => state.status === 'none' || state.status === 'ended';

const over = ({
  status,
}: {
  readonly status: 'none' | 'ended';
}): { readonly accepted: false; readonly rejection: PromotionOver } => reject({ type: 'promotion-over', status });
