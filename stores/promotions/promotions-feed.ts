/** Every promotion as its stream has it: see state-feed.ts. */
import type { PromotionId } from '../../actors/ids.ts';
import { promotion } from '../../actors/promotion/kind.ts';
import type { PromotionState } from '../../actors/promotion/promotion.ts';
import { followStates, type StateFeed, type StateFeedOptions } from '../state-feed.ts';

export type PromotionsFeedOptions = Pick<StateFeedOptions<PromotionState>, 'nc' | 'eventLog' | 'log'> & {
  /** The same state may come again, and never an older one after a newer. */
  readonly onPromotion: (id: PromotionId, state: PromotionState, version: number) => void;
};

/** Resolves when all that was declared so far is known. Rejects when nothing comes for five seconds before that. */
export function followPromotions({ onPromotion, ...from }: PromotionsFeedOptions): Promise<StateFeed> {
  const onState = (id: string, state: PromotionState, version: number): void =>
    onPromotion(id as PromotionId, state, version);
  return followStates(promotion, { ...from, onState, interrupted: 'promotions-feed-interrupted' });
}
