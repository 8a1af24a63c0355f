import { describe, expect, test } from 'vitest';
import { type GrantId, type Instant, type OrderId, paise, type RefundId, type TopUpId } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { wallet } from './kind.ts';
import { type Account, KNOWN_MS, type Lot, type Posting, RESTORED_MS, type WalletEvent } from './wallet.ts';

const DAY = 86_400_000;
const UNTIL = STORY_BEGINS + 600_000;
const [ORDER, OTHER] = ['ord_1' as OrderId, 'ord_2' as OrderId];
const move = (amount: number, from: Account, to: Account): Posting[] => [
  { account: from, amount: paise(-amount) },
  { account: to, amount: paise(amount) },
];
const kyc = (level: 'minimum' | 'full'): WalletEvent => ({ type: 'KycRecorded', level, reference: 'kyc_1' });
const toppedUp = (amount: number, id = 'top_1'): WalletEvent => ({
  type: 'ToppedUp',
  topUpId: id as TopUpId,
  amount: paise(amount),
  postings: move(amount, 'clearing', 'balance'),
});
const lot = (id: string, amount: number, expiresAt: Instant = STORY_BEGINS + 30 * DAY): Lot => ({
  grantId: id as GrantId,
  amount: paise(amount),
  expiresAt,
});
const granted = (of: Lot): WalletEvent => ({
  type: 'CreditGranted',
  ...of,
  reason: 'welcome',
  postings: move(of.amount, 'promotions', 'credit'),
});
const expired = (of: Lot): WalletEvent => ({
  type: 'CreditExpired',
  ...of,
  postings: move(of.amount, 'credit', 'promotions'),
});
const rich = [kyc('full'), toppedUp(500_00)];
const hold = (orderId: OrderId, amount: number, until = UNTIL) => ({ orderId, amount: paise(amount), until });
const held = (orderId: OrderId, own: number, credit: Lot[] = [], asked = own): WalletEvent => ({
  type: 'MoneyHeld',
  orderId,
  asked: paise(asked),
  until: UNTIL,
  own: paise(own),
  credit,
  postings: [
    ...(own === 0 ? [] : move(own, 'balance', 'held')),
    ...(credit.length === 0
      ? []
      : move(
          credit.reduce((sum, { amount }) => sum + amount, 0),
          'credit',
          'credit-held',
        )),
  ],
});
const released = (orderId: OrderId, own: number, why: 'released' | 'expired'): WalletEvent => ({
  type: 'HoldReleased',
  orderId,
  own: paise(own),
  credit: [],
  why,
  postings: own === 0 ? [] : move(own, 'held', 'balance'),
});
const paidOf = (orderId: OrderId, own: number, from: 'hold' | 'balance'): WalletEvent => ({
  type: 'OrderPaid',
  orderId,
  asked: paise(own),
  from,
  own: paise(own),
  credit: [],
  postings: move(own, from === 'hold' ? 'held' : 'balance', 'orders'),
});

describe('a hold', () => {
  test('is taken once, and committed once', () => {
    const total = { own: paise(300_00), credit: paise(0) };
    given(wallet, rich)
      .when('hold', hold(ORDER, 300_00))
      .then([held(ORDER, 300_00)])
      .answers(total)
      .when('hold', hold(ORDER, 300_00))
      .then([])
      .answers(total)
      .when('hold', hold(ORDER, 200_00))
      .then({ type: 'reference-reused' })
      .when('hold', hold(OTHER, 200_01))
      .then({ type: 'insufficient-funds', available: paise(200_00) })
      .when('commit', { orderId: ORDER })
      .then([paidOf(ORDER, 300_00, 'hold')])
      .answers(total)
      .when('commit', { orderId: ORDER })
      .then([])
      .answers(total)
      .when('release', { orderId: ORDER })
      .then({ type: 'already-paid' })
      .when('hold', hold(ORDER, 300_00))
      .then({ type: 'already-paid' });
  });

  test('takes as much as there is, if that will do', () => {
    given(wallet, rich)
      .when('hold', { ...hold(ORDER, 900_00), upTo: true })
      .then([held(ORDER, 500_00, [], 900_00)])
      .when('hold', { ...hold(OTHER, 1), upTo: true })
      .then({ type: 'insufficient-funds', available: paise(0) });
  });

  test('that is given back is over, also one that comes after that', () => {
    const story = given(wallet, [...rich, held(ORDER, 300_00)])
      .when('release', { orderId: ORDER })
      .then([released(ORDER, 300_00, 'released')])
      .when('release', { orderId: ORDER })
      .then([]);
    story.when('commit', { orderId: ORDER }).then({ type: 'hold-ended' });
    story.when('pay', { orderId: ORDER, amount: paise(1) }).then({ type: 'hold-ended' });
    story
      .when('release', { orderId: OTHER })
      .then([released(OTHER, 0, 'released')])
      .when('hold', hold(OTHER, 1))
      .then({ type: 'hold-ended' });
  });

  test('is free the moment its time is over, and not before', () => {
    const story = given(wallet, [...rich, held(ORDER, 300_00)]);
    story
      .when('hold', hold(OTHER, 300_00, UNTIL + 1), UNTIL - 1)
      .then({ type: 'insufficient-funds', available: paise(200_00) });
    expect(story.view(UNTIL - 1)).toMatchObject({ balance: 200_00, held: { own: 300_00 } });
    expect(story.view(UNTIL)).toMatchObject({ balance: 500_00, held: { own: 0 }, holds: [] });
    const later = { ...held(OTHER, 300_00), until: UNTIL + 1 } as WalletEvent;
    story
      .when('hold', hold(OTHER, 300_00, UNTIL + 1), UNTIL)
      .then([released(ORDER, 300_00, 'expired'), later])
      .when('commit', { orderId: ORDER })
      .then({ type: 'insufficient-funds', available: paise(200_00) });
  });

  test('whose time is over is taken afresh, if there is as much', () => {
    given(wallet, [...rich, held(ORDER, 300_00)])
      .when('commit', { orderId: ORDER }, UNTIL)
      .then([released(ORDER, 300_00, 'expired'), paidOf(ORDER, 300_00, 'balance')]);
    given(wallet, rich).when('commit', { orderId: ORDER }).then({ type: 'no-hold' });
    given(wallet, rich)
      .when('hold', hold(ORDER, 1, STORY_BEGINS))
      .then({ type: 'hold-ended' });
  });
});

describe('promotional credit', () => {
  const [soon, late] = [lot('g_soon', 100_00, STORY_BEGINS + DAY), lot('g_late', 50_00)];

  test('is spent first, what expires soonest first; comes back last, with time to spend it', () => {
    const story = [...rich, granted(late), granted(soon)];
    const parts = { own: paise(30_00), credit: [soon, late] };
    const pay = { orderId: ORDER, amount: paise(180_00) };
    const postings = [...move(30_00, 'balance', 'orders'), ...move(150_00, 'credit', 'orders')];
    const after = given(wallet, story)
      .when('pay', pay)
      .then([{ type: 'OrderPaid', orderId: ORDER, asked: paise(180_00), from: 'balance', ...parts, postings }])
      .answers({ own: paise(30_00), credit: paise(150_00) })
      .when('pay', pay)
      .then([]);
    expect(after.view()).toMatchObject({ balance: 470_00, credit: 0, credits: [] });
    const back = (amount: number, id: string) => ({
      refundId: id as RefundId,
      orderId: ORDER,
      amount: paise(amount),
    });
    const now = STORY_BEGINS + 2 * DAY;
    const first = after
      .when('refund', back(90_00, 'rfd_1'), now)
      .then([
        {
          type: 'OrderRefunded',
          orderId: ORDER,
          refundId: 'rfd_1' as RefundId,
          own: paise(30_00),
          credit: [late, { ...soon, amount: paise(10_00), expiresAt: now + RESTORED_MS }],
          from: [late, { ...soon, amount: paise(10_00) }],
          postings: [...move(30_00, 'orders', 'balance'), ...move(60_00, 'orders', 'credit')],
        },
      ])
      .when('refund', back(90_00, 'rfd_1'), now)
      .then([])
      .answers({ own: paise(30_00), credit: paise(60_00) });
    first.when('refund', back(80_00, 'rfd_1'), now).then({ type: 'reference-reused' });
    first.when('refund', back(90_01, 'rfd_2'), now).then({ type: 'nothing-to-refund', refundable: paise(90_00) });
    const { decision } = first.when('refund', back(90_00, 'rfd_2'), now);
    expect(decision).toMatchObject({ accepted: true, result: { own: 0, credit: 90_00 } });
  });

  test('is gone when its time is over, and not before', () => {
    const story = given(wallet, [granted(soon)]);
    story.when('pay', { orderId: ORDER, amount: paise(100_01) }).then({
      type: 'insufficient-funds',
      available: paise(100_00),
    });
    expect(story.view(STORY_BEGINS + DAY - 1).credit).toBe(100_00);
    expect(story.view(STORY_BEGINS + DAY).credit).toBe(0);
    const { decision } = story.when('pay', { orderId: ORDER, amount: paise(100_00) }, STORY_BEGINS + DAY - 1);
    expect(decision.accepted).toBe(true);
    story
      .when('pay', { orderId: ORDER, amount: paise(1) }, STORY_BEGINS + DAY)
      .then({ type: 'insufficient-funds', available: paise(0) })
      .when('remind', { name: 'expiry' })
      .then([expired(soon)])
      .when('remind', { name: 'expiry' })
      .then([]);
  });

  test('that was held in time is spent, and is gone if it comes back too late', () => {
    const until = STORY_BEGINS + 2 * DAY;
    const story = given(wallet, [granted(soon)]).when('hold', { orderId: ORDER, amount: paise(100_00), until });
    const after = story.then([{ ...held(ORDER, 0, [soon], 100_00), until } as WalletEvent]);
    const postings = move(100_00, 'credit-held', 'credit');
    after
      .when('release', { orderId: ORDER }, STORY_BEGINS + DAY)
      .then([
        { type: 'HoldReleased', orderId: ORDER, own: paise(0), credit: [soon], why: 'released', postings },
        expired(soon),
      ]);
    const { decision } = after.when('commit', { orderId: ORDER }, until - 1);
    expect(decision).toMatchObject({ accepted: true, result: { credit: 100_00 } });
  });

  test('is granted once', () => {
    const grant = { ...soon, reason: 'welcome' };
    given(wallet, [])
      .when('grant', grant)
      .then([granted(soon)])
      .when('grant', grant)
      .then([])
      .when('grant', { ...grant, amount: paise(1) })
      .then({ type: 'reference-reused' });
    given(wallet, []).when('grant', grant, soon.expiresAt).then({ type: 'expired' });
  });

  test('the reminder is for what runs out first, and waits if it was early', () => {
    const { state } = given(wallet, [granted(late), granted(soon), ...rich, held(ORDER, 1)]);
    expect(wallet.reminders?.(state)).toEqual([{ name: 'expiry', at: UNTIL }]);
    const early = given(wallet, [granted(soon)])
      .when('remind', { name: 'expiry' }, soon.expiresAt - 1_000)
      .then([{ type: 'ExpiryAwaited', until: soon.expiresAt + 5_000 }]);
    expect(wallet.reminders?.(early.state)).toEqual([{ name: 'expiry', at: soon.expiresAt + 5_000 }]);
    given(wallet, [granted(soon)])
      .when('remind', { name: 'expiry' })
      .then([]);
  });
});

describe('a top-up', () => {
  const open = (id: string, amount: number) => ({ topUpId: id as TopUpId, amount: paise(amount), expiresAt: UNTIL });
  const top = (id: string, amount: number) => ({ topUpId: id as TopUpId, amount: paise(amount) });
  const opened = (id: string, amount: number): WalletEvent => ({ type: 'TopUpOpened', ...open(id, amount) });

  test('needs KYC, and keeps room under the limits while it is paid', () => {
    given(wallet, [])
      .when('openTopUp', open('top_1', 1))
      .then({ type: 'limit-exceeded', limit: 'no-kyc', room: paise(0) });
    const story = given(wallet, [kyc('minimum')])
      .when('openTopUp', open('top_1', 6_000_00))
      .then([opened('top_1', 6_000_00)])
      .when('openTopUp', open('top_1', 6_000_00))
      .then([])
      .when('openTopUp', open('top_2', 4_000_01))
      .then({ type: 'limit-exceeded', limit: 'balance', room: paise(4_000_00) });
    story
      .when('openTopUp', { ...open('top_2', 4_000_01), expiresAt: UNTIL + 1 }, UNTIL)
      .then([
        { type: 'TopUpLapsed', topUpId: 'top_1' as TopUpId, amount: paise(6_000_00) },
        { ...opened('top_2', 4_000_01), expiresAt: UNTIL + 1 } as WalletEvent,
      ]);
    story
      .when('topUp', top('top_1', 6_000_00))
      .then([toppedUp(6_000_00)])
      .answers({ credited: true })
      .when('topUp', top('top_1', 6_000_00))
      .then([])
      .answers({ credited: true })
      .when('topUp', top('top_1', 5_000_00))
      .then({ type: 'reference-reused' });
  });

  test('that there is no room for any more is refused for ever', () => {
    given(wallet, [kyc('minimum'), toppedUp(9_000_00)])
      .when('topUp', top('top_2', 1_000_01))
      .then([{ type: 'TopUpRefused', topUpId: 'top_2' as TopUpId, amount: paise(1_000_01), why: 'balance' }])
      .answers({ credited: false })
      .when('recordKyc', { level: 'full', reference: 'kyc_2' })
      .then([{ type: 'KycRecorded', level: 'full', reference: 'kyc_2' }])
      .when('topUp', top('top_2', 1_000_01))
      .then([])
      .answers({ credited: false });
  });

  test('limits are by the month and the financial year of India', () => {
    // 2026-01-31T23:59:59.999+05:30, spent at once.
    const endOfMonth = STORY_BEGINS + 31 * DAY - 19_800_001;
    const spent = given(wallet, [kyc('minimum'), toppedUp(10_000_00)], { at: endOfMonth })
      .when('pay', { orderId: ORDER, amount: paise(10_000_00) }, endOfMonth)
      .then([paidOf(ORDER, 10_000_00, 'balance')]);
    spent
      .when('openTopUp', open('top_2', 1), endOfMonth)
      .then({ type: 'limit-exceeded', limit: 'month', room: paise(0) });
    expect(spent.view(endOfMonth + 1).limits).toMatchObject({ loadedInMonth: 0, loadedInYear: 10_000_00 });
    // The year ends with March.
    const april = STORY_BEGINS + 90 * DAY - 19_800_000;
    expect(spent.view(april - 1).limits.loadedInYear).toBe(10_000_00);
    expect(spent.view(april).limits.loadedInYear).toBe(0);
  });

  test('a repeat is known for 400 days', () => {
    const later = STORY_BEGINS + KNOWN_MS;
    const story = given(wallet, [kyc('full'), toppedUp(100)]).when('topUp', top('top_2', 100), later - 1);
    expect(Object.keys(story.then([toppedUp(100, 'top_2')]).state.topUps)).toEqual(['top_1', 'top_2']);
    const forgotten = given(wallet, [kyc('full'), toppedUp(100)]).when('topUp', top('top_2', 100), later);
    expect(Object.keys(forgotten.then([toppedUp(100, 'top_2')]).state.topUps)).toEqual(['top_2']);
  });
});

test('no amount that would make money out of nothing', () => {
  const story = given(wallet, rich);
  for (const amount of [0, -1, 0.5, Number.NaN, 2 ** 53] as ReturnType<typeof paise>[]) {
    story.when('hold', { orderId: ORDER, amount, until: UNTIL }).then({ type: 'invalid-amount' });
    story.when('pay', { orderId: ORDER, amount }).then({ type: 'invalid-amount' });
    story.when('topUp', { topUpId: 'top_9' as TopUpId, amount }).then({ type: 'invalid-amount' });
    story.when('refund', { refundId: 'rfd_9' as RefundId, orderId: ORDER, amount }).then({ type: 'invalid-amount' });
    story.when('grant', { ...lot('g_9', 1), amount, reason: '' }).then({ type: 'invalid-amount' });
  }
  const oneSided = [{ account: 'balance', amount: paise(1) }] as const;
  const event = { ...toppedUp(1), postings: oneSided } as WalletEvent;
  expect(() => wallet.evolve(story.state, event, { at: 0, version: 3 })).toThrow('out of balance');
});
