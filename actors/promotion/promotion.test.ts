import { expect, test } from 'vitest';
import { paise } from '../ids.ts';
import type { OfferTerms } from '../pricing/offers/offer.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { promotion } from './kind.ts';
import type { PromotionEvent } from './promotion.ts';

const terms: OfferTerms = {
  title: 'A tenth off tea',
  code: 'TEA10',
  benefit: { type: 'percent', basisPoints: 1_000 },
  scope: { categories: [['Grocery', 'Tea & Coffee']] },
  cap: paise(200_00),
  stacking: { type: 'exclusive' },
  priority: 0,
  startsAt: STORY_BEGINS,
  endsAt: STORY_BEGINS + 86_400_000,
  fundedBy: 'platform',
};
const limits = { uses: 100, budget: null, perCustomer: 1 };
const declared: PromotionEvent = { type: 'PromotionDeclared', terms, limits };
const paused: PromotionEvent = { type: 'PromotionPaused' };
const ended: PromotionEvent = { type: 'PromotionEnded' };

test('a code is given out once', () => {
  given(promotion, [])
    .when('declare', { terms, limits })
    .then([declared])
    .when('declare', { terms, limits })
    .then([])
    .when('declare', { terms, limits: { ...limits, uses: 101 } })
    .then({ type: 'code-taken' })
    .when('declare', { terms: { ...terms, priority: 1 }, limits })
    .then({ type: 'code-taken' });
  given(promotion, [declared, ended])
    .when('declare', { terms: { ...terms, priority: 1 }, limits })
    .then({ type: 'code-taken' });
});

test('is paused, goes on, and ends for ever; each may be repeated', () => {
  given(promotion, [declared])
    .when('resume', {})
    .then([])
    .when('pause', {})
    .then([paused])
    .when('pause', {})
    .then([])
    .when('resume', {})
    .then([{ type: 'PromotionResumed' }])
    .when('end', {})
    .then([ended])
    .when('end', {})
    .then([])
    .when('resume', {})
    .then({ type: 'promotion-over', status: 'ended' })
    .when('pause', {})
    .then({ type: 'promotion-over', status: 'ended' });
  given(promotion, [declared, paused]).when('end', {}).then([ended]);
});

test('its limits can be others', () => {
  const more = { ...limits, uses: 200 };
  const story = given(promotion, [declared])
    .when('setLimits', { limits: more })
    .then([{ type: 'PromotionLimitsSet', limits: more }]);
  story.when('setLimits', { limits: more }).then([]);
  expect(story.view()).toMatchObject({ status: 'active', limits: more });
});

test('of what there is not, nothing can be said', () => {
  const none = { type: 'promotion-over', status: 'none' } as const;
  given(promotion, []).when('pause', {}).then(none).when('resume', {}).then(none).when('end', {}).then(none);
  given(promotion, []).when('setLimits', { limits }).then(none);
});
