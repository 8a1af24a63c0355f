import { expect, test } from 'vitest';
import type { OrderId, Paise, Pincode, UserId } from '../../actors/ids.ts';
import { FRAUD_LIMITS, FRAUD_RULES } from '../../config/fraud.ts';
import { idFrom } from '../../config/ids.ts';
import { type Attempt, BeforePayment } from './before-payment.ts';
import { Sightings } from './sightings.ts';

const NOW = Date.UTC(2026, 10, 23, 10);
const DAY = 24 * 3_600_000;
const old = (name: string): UserId => idFrom('usr', name, NOW - 90 * DAY);
const fresh = (name: string): UserId => idFrom('usr', name, NOW - 60_000);
const order = (name: string): OrderId => idFrom('ord', name, NOW);

function watch() {
  let now = NOW;
  const seen = new Sightings({ places: 1 << 12, now: () => now });
  const policy = { rules: FRAUD_RULES, limits: FRAUD_LIMITS };
  const checks = new BeforePayment(seen, policy, () => now);
  const later = (ms: number): void => {
    now += ms;
  };
  return { checks, later };
}

const attempt = (change: Partial<Attempt> = {}): Attempt => ({
  orderId: order('first'),
  userId: old('asha'),
  method: 'upi',
  amount: 1_500_00 as Paise,
  address: { line1: '12, MG Road', state: 'Karnataka', pincode: '560001' as Pincode },
  device: 'device-1',
  hasCoupon: false,
  ...change,
});

const rules = ({ reasons }: ReturnType<BeforePayment['judge']>) => reasons.map(({ rule }) => rule);

test('an order like most is taken without a word', () => {
  expect(watch().checks.judge(attempt())).toEqual({ decision: 'accept', score: 0, reasons: [] });
});

test('the same order asked for again and again is one order', () => {
  const { checks } = watch();
  for (let n = 0; n < 50; n++) expect(checks.judge(attempt()).score).toBe(0);
});

test('an account that orders in bursts is noticed, and forgotten after two days', () => {
  const { checks, later } = watch();
  const seen = Array.from({ length: 45 }, (_, n) => rules(checks.judge(attempt({ orderId: order(`o${n}`) }))));
  expect(seen[0]).toEqual([]);
  expect(seen.at(-1)).toContain('account-orders-hour');
  later(2 * DAY);
  expect(rules(checks.judge(attempt({ orderId: order('later') })))).toEqual([]);
});

test('many accounts at one house, however it is written, and on one device', () => {
  const { checks } = watch();
  const spelt = ['12, MG Road', '12 mg road', '12,MG  ROAD', '12-MG-Road', '12 M G Road', '12. MG Road', '12 mg.road'];
  const houses = [...spelt, ...spelt];
  const last = houses.map((line1, n) =>
    checks.judge(
      attempt({ userId: old(`user${n}`), orderId: order(`o${n}`), address: { ...attempt().address, line1 } }),
    ),
  );
  expect(rules(last.at(-1) ?? { decision: 'accept', score: 0, reasons: [] })).toEqual(
    expect.arrayContaining(['address-accounts', 'device-accounts']),
  );
  expect(last.at(-1)?.decision).toBe('review');
  // Without a name of the device nothing is known of it.
  expect(rules(checks.judge(attempt({ userId: old('else'), device: undefined, orderId: order('e') })))).toEqual([
    'address-accounts',
  ]);
});

test('a large order on delivery of an account made a minute ago, to a place that does not exist, is for people to look at', () => {
  const { checks } = watch();
  const address = { ...attempt().address, state: 'Punjab' };
  const judged = checks.judge(attempt({ userId: fresh('new'), method: 'cod', amount: 60_000_00 as Paise, address }));
  expect(judged).toMatchObject({ decision: 'review', reasons: [{ rule: 'cod-new-account', seen: 60_000_00 }, {}] });
  expect(checks.judge(attempt({ userId: fresh('new2'), amount: 60_000_00 as Paise, orderId: order('b') })).score).toBe(
    0,
  );
});

test('cards being tried: payments that fail again and again', () => {
  const { checks } = watch();
  for (let n = 0; n < 8; n++) checks.paymentFailed(old('asha'), `try-${n}`);
  expect(rules(checks.judge(attempt()))).toEqual(['failed-payments']);
});

test('a card that pays for several accounts counts against those that it is seen with from then on', () => {
  const { checks } = watch();
  for (let n = 0; n < 5; n++) checks.cardUsed('card_A', old(`user${n}`));
  expect(rules(checks.judge(attempt({ userId: old('user4') })))).toEqual(['shared-card']);
  expect(rules(checks.judge(attempt({ userId: old('asha') })))).toEqual([]);
});

test.each([
  ['Karnataka', '560001', false],
  ['Karnataka', '110001', true],
  ['Delhi', '110001', false],
  ['Goa', '403001', false],
  ['Puducherry', '605001', false],
  ['Telangana', '500001', false],
  ['Bavaria', '990001', false],
  ['Karnataka', '990001', true],
])('%s and pincode %s: outside %s', (state, pincode, outside) => {
  const address = { line1: 'x', state, pincode: pincode as Pincode };
  expect(rules(watch().checks.judge(attempt({ address })))).toEqual(outside ? ['pincode-state'] : []);
});

test('one device, three accounts, three coupons: with the accounts it is enough to be looked at', () => {
  const { checks } = watch();
  const judged = [0, 1, 2, 3, 4].map((n) =>
    checks.judge(attempt({ userId: old(`c${n}`), orderId: order(`c${n}`), hasCoupon: true })),
  );
  expect(judged[0]?.decision).toBe('accept');
  expect(judged.at(-1)?.decision).not.toBe('accept');
  expect(rules(judged.at(-1) ?? { decision: 'accept', score: 0, reasons: [] })).toContain('coupons-device');
});
