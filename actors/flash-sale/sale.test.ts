import { describe, expect, test } from 'vitest';
import { paise, type Sku } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { isLive } from './decide.ts';
import { sale } from './kind.ts';
import type { SaleEvent } from './sale.ts';

const PHONE = 'PHONE-X' as Sku;
const STARTS = STORY_BEGINS + 600_000;
const ENDS = STARTS + 3_600_000;
const declared: SaleEvent = {
  type: 'SaleDeclared',
  title: 'Ten at ten',
  items: [{ sku: PHONE, price: paise(999_00), units: 500, limitPerCustomer: 2, buckets: 4 }],
  startsAt: STARTS,
  endsAt: ENDS,
};
const stocked: SaleEvent = { type: 'SaleStocked' };
const opened: SaleEvent = { type: 'SaleOpened' };
const soldOut: SaleEvent = { type: 'ItemSoldOut', sku: PHONE };
const ended: SaleEvent = { type: 'SaleEnded', by: 'ops' };
const remindersAfter = (...events: SaleEvent[]) => sale.reminders?.(given(sale, events).state) ?? [];

test('is declared once', () => {
  const { type: _, ...input } = declared;
  given(sale, []).when('declare', input).then([declared]).when('declare', input).then([]);
});

describe('begins and ends by itself', () => {
  test('at the times that were said', () => {
    expect(remindersAfter(declared)).toEqual([{ name: 'end', at: ENDS }]);
    expect(remindersAfter(declared, stocked)).toEqual([
      { name: 'start', at: STARTS },
      { name: 'end', at: ENDS },
    ]);
    expect(remindersAfter(declared, stocked, opened)).toEqual([{ name: 'end', at: ENDS }]);
    expect(remindersAfter(declared, stocked, opened, ended)).toEqual([]);
  });

  test('a reminder before its time is moot, and so is one that was meant for another state', () => {
    const story = given(sale, [declared, stocked]);
    story.when('remind', { name: 'start' }, STARTS - 61_000).then([]);
    story.when('remind', { name: 'start' }, STARTS).then([opened]).when('remind', { name: 'start' }).then([]);
    given(sale, [declared]).when('remind', { name: 'start' }, STARTS).then([]);
    given(sale, [declared, stocked, opened])
      .when('remind', { name: 'end' }, ENDS)
      .then([{ ...ended, by: 'time' }]);
  });

  test('stocked after its time has come, it opens at once', () => {
    given(sale, [declared])
      .when('recordStocked', {}, STARTS + 1)
      .then([stocked, opened]);
    given(sale, [declared])
      .when('recordStocked', {}, STARTS - 1)
      .then([stocked]);
  });

  test('live is from the start to the end, once it is stocked', () => {
    const { state } = given(sale, [declared, stocked]);
    expect([STARTS - 1, STARTS, ENDS - 1, ENDS].map((now) => isLive(state, now))).toEqual([false, true, true, false]);
    expect(isLive(given(sale, [declared]).state, STARTS)).toBe(false);
    expect(isLive(given(sale, [declared, stocked, opened, ended]).state, STARTS)).toBe(false);
  });
});

test('sold out and available again are told once each, while it is on', () => {
  given(sale, [declared, stocked, opened])
    .when('recordAvailable', { sku: PHONE })
    .then([])
    .when('recordSoldOut', { sku: PHONE })
    .then([soldOut])
    .when('recordSoldOut', { sku: PHONE })
    .then([])
    .when('recordAvailable', { sku: PHONE })
    .then([{ type: 'ItemAvailable', sku: PHONE }])
    .when('recordSoldOut', { sku: 'OTHER' as Sku })
    .then([]);
  given(sale, [declared, stocked, opened, ended]).when('recordSoldOut', { sku: PHONE }).then([]);
});

describe('is over', () => {
  const short = [{ sku: PHONE, available: 3 }];
  test('when there was not enough to set aside', () => {
    given(sale, [declared])
      .when('refuse', { short })
      .then([{ type: 'SaleRefused', short }])
      .when('refuse', { short })
      .then([])
      .when('recordStocked', {})
      .then({ type: 'sale-over', status: 'refused' });
    given(sale, [declared, stocked]).when('refuse', { short }).then({ type: 'sale-over', status: 'stocked' });
  });

  test('when somebody ends it, at any time, and settled when all is given back', () => {
    for (const before of [[declared], [declared, stocked], [declared, stocked, opened]])
      given(sale, before).when('end', {}).then([ended]).when('end', {}).then([]);
    given(sale, [declared, ended])
      .when('recordStocked', {})
      .then({ type: 'sale-over', status: 'ended' })
      .when('recordSettled', {})
      .then([{ type: 'SaleSettled' }])
      .when('recordSettled', {})
      .then([]);
    given(sale, []).when('end', {}).then({ type: 'sale-over', status: 'none' });
  });
});
