/** Whatever is asked of a wallet, in whatever order, with repeats: the books balance, and nothing is spent twice. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GrantId, type Instant, type OrderId, paise, type RefundId, type TopUpId } from '../ids.ts';
import { STORY_BEGINS } from '../runtime/testing/given.ts';
import { wallet } from './kind.ts';
import { ACCOUNTS, type Account, type WalletContract, type WalletEvent } from './wallet.ts';

type Happened = { readonly event: WalletEvent; readonly at: Instant };

function actor() {
  let state = wallet.initial('usr_1');
  const history: Happened[] = [];
  return {
    history,
    state: () => state,
    tell<K extends keyof WalletContract>(command: K, input: WalletContract[K]['input'], now: Instant) {
      const decision = wallet.decide[command](state, input, now);
      if (!decision.accepted) return decision;
      // As the log would have it: what is decided is what is stored.
      const events: WalletEvent[] = JSON.parse(JSON.stringify(decision.events));
      for (const event of events) {
        history.push({ event, at: now });
        state = wallet.evolve(state, event, { at: now, version: history.length });
      }
      return decision;
    },
  };
}

const HOUR = 3_600_000;
const amount = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 12_000 })).map((of) => of * 100);
const step = fc.record({
  does: fc.constantFrom(
    ...(['grant', 'openTopUp', 'topUp', 'topUp', 'hold', 'hold', 'holdUpTo', 'commit', 'release'] as const),
    ...(['pay', 'refund', 'refund', 'remind', 'minimum', 'full'] as const),
  ),
  which: fc.integer({ min: 0, max: 14 }),
  amount,
  lasts: fc.integer({ min: 1, max: 40 * 24 }),
  after: fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: fc.integer({ max: 9, min: 0 }) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 100, max: 500 }),
    },
  ),
  again: fc.boolean(),
});
type Step = (typeof step extends fc.Arbitrary<infer T> ? T : never) & object;
const steps = fc.array(step, { minLength: 40, maxLength: 120, size: 'max' });

function asked(
  of: Step,
  now: Instant,
): { [K in keyof WalletContract]: readonly [K, WalletContract[K]['input']] }[keyof WalletContract] {
  const { does, which, lasts } = of;
  const orderId = `ord_${which % 8}` as OrderId;
  const topUpId = `top_${which}` as TopUpId;
  const money = paise(of.amount);
  const until = now + lasts * HOUR;
  switch (does) {
    case 'minimum':
    case 'full':
      return ['recordKyc', { level: does, reference: `kyc_${which}` }];
    case 'grant':
      return ['grant', { grantId: `g_${which}` as GrantId, amount: money, expiresAt: until, reason: 'test' }];
    case 'openTopUp':
      return ['openTopUp', { topUpId, amount: money, expiresAt: until }];
    case 'topUp':
      return ['topUp', { topUpId, amount: money }];
    case 'hold':
      return ['hold', { orderId, amount: money, until }];
    case 'holdUpTo':
      return ['hold', { orderId, amount: money, until, upTo: true }];
    case 'pay':
      return ['pay', { orderId, amount: money }];
    case 'refund':
      return ['refund', { refundId: `rfd_${which}` as RefundId, orderId, amount: money }];
    case 'remind':
      return ['remind', { name: 'expiry' }];
    default:
      return [does, { orderId }];
  }
}

const runs = { numRuns: 400 };
const play = (all: readonly Step[], check: (one: ReturnType<typeof actor>, now: Instant, of: Step) => void) => {
  const one = actor();
  let now = STORY_BEGINS;
  one.tell('recordKyc', { level: 'minimum', reference: 'kyc_0' }, now);
  for (const of of all) {
    now += of.after * HOUR;
    const [command, input] = asked(of, now);
    const first = one.tell(command, input, now);
    if (of.again && first.accepted && command !== 'remind') {
      const again = one.tell(command, input, now);
      expect(again).toEqual({ accepted: true, events: [], result: first.result });
    }
    check(one, now, of);
  }
  return one;
};

test('every entry balances, every balance is the sum of its postings, none is below zero', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const sums = Object.fromEntries(ACCOUNTS.map((account) => [account, 0])) as Record<Account, number>;
      let read = 0;
      play(all, ({ history, state }) => {
        for (const { event } of history.slice(read)) {
          const postings = 'postings' in event ? event.postings : [];
          expect(postings.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
          for (const { account, amount } of postings) sums[account] += amount;
        }
        read = history.length;
        const { accounts, lots, holds } = state();
        expect(accounts).toEqual(sums);
        const held = Object.values(holds);
        const credit = held.flatMap((hold) => hold.credit).reduce((sum, { amount }) => sum + amount, 0);
        expect(accounts['credit-held']).toBe(credit);
        expect(accounts.held).toBe(held.reduce((sum, { own }) => sum + own, 0));
        expect(accounts.credit).toBe(lots.reduce((sum, { amount }) => sum + amount, 0));
        expect(
          Math.min(accounts.balance, accounts.held, accounts.credit, ...lots.map(({ amount }) => amount)),
        ).toBeGreaterThanOrEqual(0);
        expect(Object.values(sums).reduce((sum, of) => sum + of, 0)).toBe(0);
      });
    }),
    runs,
  );
});

test('an order is paid once, never with what has expired, and gets back at most what it paid', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { history } = play(all, () => {});
      const paid = new Map<string, number>();
      const back = new Map<string, number>();
      const until = new Map<string, Instant>();
      const whole = ({ own, credit }: Extract<WalletEvent, { own: unknown }>) =>
        credit.reduce((sum, { amount }) => sum + amount, own as number);
      const once = new Set<string>();
      for (const { event, at } of history) {
        if (event.type === 'ToppedUp' || event.type === 'CreditGranted' || event.type === 'OrderRefunded') {
          const reference = 'topUpId' in event ? event.topUpId : 'refundId' in event ? event.refundId : event.grantId;
          expect(once.has(reference)).toBe(false);
          once.add(reference);
        }
        if (event.type === 'MoneyHeld') until.set(event.orderId, event.until);
        if (event.type === 'HoldReleased' && event.why === 'expired')
          expect(at).toBeGreaterThanOrEqual(until.get(event.orderId) ?? Number.POSITIVE_INFINITY);
        if (event.type === 'CreditExpired') expect(at).toBeGreaterThanOrEqual(event.expiresAt);
        const spends = event.type === 'MoneyHeld' || (event.type === 'OrderPaid' && event.from === 'balance');
        if (spends) for (const { expiresAt } of event.credit) expect(expiresAt).toBeGreaterThan(at);
        if (event.type === 'OrderPaid') {
          expect(paid.has(event.orderId)).toBe(false);
          paid.set(event.orderId, whole(event));
          if (event.from === 'hold') expect(at).toBeLessThan(until.get(event.orderId) ?? 0);
        }
        if (event.type === 'OrderRefunded') {
          back.set(event.orderId, (back.get(event.orderId) ?? 0) + whole(event));
          expect(back.get(event.orderId)).toBeLessThanOrEqual(paid.get(event.orderId) ?? 0);
        }
      }
    }),
    runs,
  );
});

test('who is refused has not enough, counted without what has expired', () => {
  fc.assert(
    fc.property(steps, (all) => {
      play(all, ({ state, tell }, now, of) => {
        const { balance, credit } = wallet.view(state(), now);
        const orderId = `ord_new_${of.which}` as OrderId;
        const before = state();
        const more = wallet.decide.pay(before, { orderId, amount: paise(balance + credit + 1) }, now);
        expect(more).toEqual({
          accepted: false,
          rejection: { type: 'insufficient-funds', available: balance + credit },
        });
        if (balance + credit > 0)
          expect(wallet.decide.pay(before, { orderId, amount: paise(balance + credit) }, now).accepted).toBe(true);
        // What runs out now is written down, and is shown the same.
        const shown = wallet.view(state(), now);
        tell('remind', { name: 'expiry' }, now);
        expect(wallet.view(state(), now)).toEqual(shown);
      });
    }),
    runs,
  );
});

const monthOf = (at: Instant): string => new Date(at + 19_800_000).toISOString().slice(0, 7);

test('no top-up is credited above the limits of the customer’s KYC', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const { history } = play(all, () => {});
      let full = false;
      let outstanding = 0;
      const months = new Map<string, number>();
      for (const { event, at } of history) {
        if (event.type === 'KycRecorded') full = event.level === 'full';
        for (const { account, amount } of 'postings' in event ? event.postings : [])
          if (account === 'balance' || account === 'held') outstanding += amount;
        if (event.type !== 'ToppedUp') continue;
        expect(outstanding).toBeLessThanOrEqual(full ? 200_000_00 : 10_000_00);
        months.set(monthOf(at), (months.get(monthOf(at)) ?? 0) + event.amount);
        if (!full) expect(months.get(monthOf(at))).toBeLessThanOrEqual(10_000_00);
      }
    }),
    runs,
  );
});
