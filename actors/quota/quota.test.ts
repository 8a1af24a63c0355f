import { describe, expect, test } from 'vitest';
import { type OrderId, paise, type UserId } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { quota } from './kind.ts';
import { CONFIRMED_KNOWN_MS, type QuotaEvent, type QuotaLimits } from './quota.ts';

const [ASHA, RAVI] = ['usr_asha' as UserId, 'usr_ravi' as UserId];
const EXPIRES = STORY_BEGINS + 600_000;
const limits = (more: Partial<QuotaLimits> = {}): QuotaLimits => ({
  uses: null,
  budget: null,
  perCustomer: null,
  ...more,
});
const set = (more: Partial<QuotaLimits> = {}): QuotaEvent => ({ type: 'QuotaSet', limits: limits(more) });
const use = (orderId: string, customer = ASHA, amount = 100_00) => ({
  orderId: orderId as OrderId,
  customer,
  amount: paise(amount),
});
const claim = (orderId: string, customer = ASHA, amount = 100_00) => ({
  ...use(orderId, customer, amount),
  expiresAt: EXPIRES,
});
const claimed = (...of: Parameters<typeof claim>): QuotaEvent => ({ type: 'UseClaimed', ...claim(...of) });
const confirmed = (...of: Parameters<typeof use>): QuotaEvent => ({ type: 'UseConfirmed', ...use(...of) });
const lapsed = (...of: Parameters<typeof use>): QuotaEvent => ({ type: 'UseLapsed', ...use(...of) });
const of = (orderId: string) => ({ orderId: orderId as OrderId });

describe('a claim', () => {
  test('takes a use and its amount, once for an order', () => {
    given(quota, [set({ uses: 1 })])
      .when('claim', claim('ord_1'))
      .then([claimed('ord_1')])
      .answers({ amount: paise(100_00) })
      .when('claim', claim('ord_1', ASHA, 200_00))
      .then([])
      .answers({ amount: paise(100_00) })
      .when('confirm', of('ord_1'))
      .then([confirmed('ord_1')])
      .when('claim', claim('ord_1'))
      .then([])
      .when('confirm', of('ord_1'))
      .then([])
      .when('claim', claim('ord_2'))
      .then({ type: 'offer-exhausted', left: { uses: 0, budget: null } });
  });

  test('is refused when the budget does not do for it, and a smaller one is not', () => {
    given(quota, [set({ budget: paise(250_00) }), claimed('ord_1', ASHA, 200_00)])
      .when('claim', claim('ord_2', RAVI, 50_01))
      .then({ type: 'offer-exhausted', left: { uses: null, budget: paise(50_00) } })
      .when('claim', claim('ord_2', RAVI, 50_00))
      .then([claimed('ord_2', RAVI, 50_00)]);
  });

  test('is refused to a customer who has had it, until one is given back', () => {
    given(quota, [set({ perCustomer: 1 }), claimed('ord_1'), confirmed('ord_1')])
      .when('claim', claim('ord_2'))
      .then({ type: 'customer-limit', limit: 1 })
      .when('claim', claim('ord_3', RAVI))
      .then([claimed('ord_3', RAVI)])
      .when('release', of('ord_1'))
      .then([{ type: 'UseReleased', ...use('ord_1'), was: 'confirmed' }])
      .when('release', of('ord_1'))
      .then([])
      .when('claim', claim('ord_2'))
      .then([claimed('ord_2')]);
  });

  test('is refused where there is no quota, and while it is closed; what was claimed is confirmed all the same', () => {
    given(quota, []).when('claim', claim('ord_1')).then({ type: 'no-quota' });
    given(quota, [set(), claimed('ord_1')])
      .when('close', {})
      .then([{ type: 'QuotaClosed' }])
      .when('close', {})
      .then([])
      .when('claim', claim('ord_2'))
      .then({ type: 'offer-paused' })
      .when('confirm', of('ord_1'))
      .then([confirmed('ord_1')])
      .when('open', {})
      .then([{ type: 'QuotaOpened' }])
      .when('claim', claim('ord_2'))
      .then([claimed('ord_2')]);
    given(quota, []).when('close', {}).then({ type: 'no-quota' });
    given(quota, []).when('open', {}).then({ type: 'no-quota' });
  });
});

describe('an expired claim', () => {
  const story = [set({ uses: 1 }), claimed('ord_1')];

  test('is free the moment somebody asks', () => {
    given(quota, story)
      .when('claim', claim('ord_2', RAVI), EXPIRES - 1)
      .then({ type: 'offer-exhausted', left: { uses: 0, budget: null } });
    const after = given(quota, story)
      .when('claim', { ...claim('ord_2', RAVI), expiresAt: EXPIRES + 600_000 }, EXPIRES)
      .then([lapsed('ord_1'), { ...claimed('ord_2', RAVI), expiresAt: EXPIRES + 600_000 } as QuotaEvent]);
    after.when('confirm', of('ord_1')).then({ type: 'offer-exhausted', left: { uses: 0, budget: null } });
    after
      .when('release', of('ord_1'))
      .then([{ type: 'UseReleased', ...use('ord_1'), was: 'lapsed' }])
      .when('confirm', of('ord_1'))
      .then([]);
    after
      .when('release', of('ord_2'))
      .then([{ type: 'UseReleased', ...use('ord_2', RAVI), was: 'held' }])
      .when('confirm', of('ord_1'))
      .then([confirmed('ord_1')]);
  });

  test('is still its order’s while nobody has asked', () => {
    given(quota, story)
      .when('confirm', of('ord_1'), EXPIRES + 1)
      .then([confirmed('ord_1')])
      .when('claim', claim('ord_2', RAVI))
      .then({ type: 'offer-exhausted', left: { uses: 0, budget: null } });
  });

  test('is not held against the customer whose it was', () => {
    const again = { ...claim('ord_2'), expiresAt: EXPIRES + 600_000 };
    given(quota, [set({ perCustomer: 1 }), claimed('ord_1')])
      .when('claim', again, EXPIRES)
      .then([lapsed('ord_1'), { type: 'UseClaimed', ...again }]);
  });

  test('is shown as free', () => {
    const { view } = given(quota, story);
    expect(view(EXPIRES - 1)).toMatchObject({ held: 1, confirmed: 0, spent: 100_00, left: { uses: 0 } });
    expect(view(EXPIRES)).toMatchObject({ held: 0, confirmed: 0, spent: 0, left: { uses: 1, budget: null } });
  });
});

test('limits can be raised, and lowered to what is claimed', () => {
  given(quota, [set({ uses: 5, budget: paise(500_00) }), claimed('ord_1'), claimed('ord_2')])
    .when('set', { limits: limits({ uses: 1 }) })
    .then({ type: 'below-claimed', uses: 2, spent: paise(200_00) })
    .when('set', { limits: limits({ budget: paise(199_99) }) })
    .then({ type: 'below-claimed', uses: 2, spent: paise(200_00) })
    .when('set', { limits: limits({ uses: 2 }) })
    .then([set({ uses: 2 })])
    .when('set', { limits: limits({ uses: 2 }) })
    .then([])
    .when('claim', claim('ord_3'))
    .then({ type: 'offer-exhausted', left: { uses: 0, budget: null } });
});

test('a confirmed use is forgotten by its order in time, and stays counted', () => {
  const later = STORY_BEGINS + CONFIRMED_KNOWN_MS;
  const story = given(quota, [set({ uses: 2 }), claimed('ord_1'), confirmed('ord_1'), claimed('ord_2')])
    .when('confirm', of('ord_2'), later)
    .then([confirmed('ord_2')]);
  story.when('release', of('ord_1')).then([]);
  story.when('claim', claim('ord_3')).then({ type: 'offer-exhausted', left: { uses: 0, budget: null } });
  expect(Object.keys(story.state.confirmed)).toEqual(['ord_2']);
});
