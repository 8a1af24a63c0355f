import type { ActorKind } from '../runtime/kind.ts';
import { decide } from './decide.ts';
import { evolve, initial } from './evolve.ts';
import type { QuotaContract, QuotaEvent, QuotaState, QuotaView } from './quota.ts';
import { leftOf, standing } from './room.ts';

export const quota: ActorKind<'quota', QuotaContract, QuotaState, QuotaEvent, QuotaView> = {
  name: 'quota',
  stateVersion: 1,
  initial,
  decide,
  evolve,
  view(state, now) {
    const { uses, spent, expired } = standing(state, now);
    const held = Object.keys(state.holds).length - expired;
    const { status, limits } = state;
    return { status, limits, held, confirmed: uses - held, spent, left: leftOf(state, uses, spent) };
  },
};
