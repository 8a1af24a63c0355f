import type { ActorKind } from '../runtime/kind.ts';
import { decide } from './decide.ts';
import { evolve, initial } from './evolve.ts';
import type { SkuContract, SkuEvent, SkuState, SkuView } from './sku.ts';
import { view } from './view.ts';

export const sku: ActorKind<'sku', SkuContract, SkuState, SkuEvent, SkuView> = {
  name: 'sku',
  stateVersion: 2,
  initial,
  decide,
  evolve,
  view,
};
