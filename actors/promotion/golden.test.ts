import { goldenFixtures } from '../runtime/testing/golden.ts';
import { promotion } from './kind.ts';

goldenFixtures(promotion, new URL('./fixtures/', import.meta.url), {
  PromotionDeclared: 1,
  PromotionLimitsSet: 1,
  PromotionPaused: 1,
  PromotionResumed: 1,
  PromotionEnded: 1,
});
