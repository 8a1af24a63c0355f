/** Whatever orders do, in whatever order, with repeats and delays: limits hold, and nothing that is left is kept back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instant, type OrderId, type Paise, paise, type UserId } from '../ids.ts';
import { STORY_BEGINS } from '../runtime/testing/given.ts';
import { quota } from './kind.ts';
import type { QuotaContract, QuotaLimits, QuotaState } from './quota.ts';

const HOLD_MS = 5_000;

function actor(limits: QuotaLimits) {
  let state: QuotaState = quota.initial('prm_1');
  let version = 0;
  const tell = <K extends keyof QuotaContract>(command: K, input: QuotaContract[K]['input'], now: Instant): boolean => {
    const decision = quota.decide[command](state, input, now);
    if (!decision.accepted) return false;
    // As the log would have it: what is decided is what is stored.
    const events: typeof decision.events = JSON.parse(JSON.stringify(decision.events));
    for (const event of events) state = quota.evolve(state, event, { at: now, version: ++version });
    return true;
  };
  tell('set', { limits }, STORY_BEGINS);
  return { tell, state: () => state, view: (now: Instant) => quota.view(state, now) };
}

const step = fc.record({
  order: fc.integer({ min: 0, max: 25 }),
  does: fc.constantFrom('claim' as const, 'claim' as const, 'claim' as const, 'confirm' as const, 'release' as const),
  after: fc.integer({ min: 0, max: 2_000 }),
});
const manySteps = fc.array(step, { minLength: 60, maxLength: 120, size: 'max' });
const customerOf = (order: number) => `usr_${order % 7}` as UserId;
const amountOf = (order: number): Paise => paise(1 + ((order * 37) % 100));
const limit = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: null });
const anyLimits = fc.record({
  uses: limit(20),
  budget: limit(800).map((of) => of as Paise | null),
  perCustomer: limit(4),
});

function checked(state: QuotaState, { uses, budget, perCustomer }: QuotaLimits): void {
  const alive = [...Object.values(state.holds), ...Object.values(state.confirmed)];
  expect(state.uses).toBe(alive.length);
  expect(state.spent).toBe(alive.reduce((sum, { amount }) => sum + amount, 0));
  expect(state.uses).toBeLessThanOrEqual(uses ?? Number.POSITIVE_INFINITY);
  expect(state.spent).toBeLessThanOrEqual(budget ?? Number.POSITIVE_INFINITY);
  const counts = new Map<UserId, number>();
  for (const { customer } of alive) counts.set(customer, (counts.get(customer) ?? 0) + 1);
  expect(state.customers).toEqual(Object.fromEntries(counts));
  expect(Math.max(0, ...counts.values())).toBeLessThanOrEqual(perCustomer ?? Number.POSITIVE_INFINITY);
  const seconds = Object.values(state.holds).map(({ expiresAt }) => expiresAt / 1000);
  expect(state.firstExpiry).toBe(seconds.length === 0 ? null : Math.min(...seconds));
}

test('no limit is ever exceeded, and every sum is that of its parts', () => {
  fc.assert(
    fc.property(anyLimits, manySteps, (limits, steps) => {
      const { tell, state } = actor(limits);
      let now = STORY_BEGINS;
      for (const { order, does, after } of steps) {
        now += after;
        const orderId = `ord_${order}` as OrderId;
        const claim = { orderId, customer: customerOf(order), amount: amountOf(order), expiresAt: now + HOLD_MS };
        if (does === 'claim') tell('claim', claim, now);
        else tell(does, { orderId }, now);
        checked(state(), limits);
      }
    }),
    { numRuns: 500 },
  );
});

test('what is refused would really have been too much', () => {
  fc.assert(
    fc.property(anyLimits, manySteps, (limits, steps) => {
      const { tell, view } = actor(limits);
      let now = STORY_BEGINS;
      for (const { order, does, after } of steps) {
        now += after;
        const orderId = `ord_${order}` as OrderId;
        if (does !== 'claim') {
          tell(does, { orderId }, now);
          continue;
        }
        const before = view(now);
        const claim = { orderId, customer: customerOf(order), amount: amountOf(order), expiresAt: now + HOLD_MS };
        const granted = tell('claim', claim, now);
        if (granted || limits.perCustomer !== null) continue;
        const { uses, budget } = before.left;
        expect(uses === 0 || (budget !== null && budget < claim.amount)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

/**
 * 300 people want a coupon with 100 uses. Each order's steps come in their order, those of different orders in any; some
 * die after the claim and never come back, some are cancelled. Who was refused tries again while there are any left.
 */
test('a coupon with 100 uses is used 100 times', () => {
  const fates = fc.array(fc.constantFrom('buys' as const, 'dies' as const, 'cancels' as const), {
    minLength: 300,
    maxLength: 300,
  });
  const limits: QuotaLimits = { uses: 100, budget: null, perCustomer: null };
  fc.assert(
    fc.property(fates, fc.infiniteStream(fc.nat()), (fate, chance) => {
      const { tell, state, view } = actor(limits);
      let now = STORY_BEGINS;
      let asking = fate.map((_, order) => order);
      const wouldBuy = new Set(asking.filter((order) => fate[order] === 'buys'));
      const held: number[] = [];
      const pick = (from: number[]): number => from.splice((chance.next().value as number) % from.length, 1)[0] ?? 0;
      while (asking.length > 0 || held.length > 0) {
        now += 1;
        const goesOn = held.length > 0 && (asking.length === 0 || (chance.next().value as number) % 2 === 0);
        const order = pick(goesOn ? held : asking);
        const orderId = `ord_${order}` as OrderId;
        if (goesOn && fate[order] === 'buys') expect(tell('confirm', { orderId }, now)).toBe(true);
        else if (goesOn && fate[order] === 'cancels') tell('release', { orderId }, now);
        else if (!goesOn) {
          const claim = { orderId, customer: customerOf(order), amount: amountOf(order), expiresAt: now + HOLD_MS };
          if (tell('claim', claim, now)) held.push(order);
        }
        expect(state().uses).toBeLessThanOrEqual(100);
        if (asking.length > 0 || held.length > 0) continue;
        // All that are left were refused: once what nobody finished has expired, they come again.
        now += HOLD_MS + 1_000;
        const confirmed = view(now).confirmed;
        asking = confirmed < 100 ? [...wouldBuy].filter((each) => !(`ord_${each}` in state().confirmed)) : [];
      }
      expect(view(now).confirmed).toBe(Math.min(100, wouldBuy.size));
      expect(view(now).held).toBe(0);
    }),
    { numRuns: 30 },
  );
});
