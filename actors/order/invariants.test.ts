/** Under any commands in any order by any clock: statuses only along the arrows, and never more back than was paid. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PaymentId, paise } from '../ids.ts';
import { STORY_BEGINS } from '../runtime/testing/given.ts';
import { order } from './kind.ts';
import type { OrderStatus } from './order.ts';
import type { OrderState } from './state.ts';
import { allocations, CUP, KETTLE, LAMP, offer, PAYMENT, placedBy, returnId } from './testing/history.ts';

/** The diagram of order.ts. */
const ARROWS: Readonly<Record<OrderStatus | 'NONE', readonly OrderStatus[]>> = {
  NONE: ['CREATED'],
  CREATED: ['PAYMENT_PENDING', 'CANCELLED'],
  PAYMENT_PENDING: ['CONFIRMED', 'PAYMENT_FAILED', 'CANCELLED'],
  PAYMENT_FAILED: ['PAYMENT_PENDING', 'CONFIRMED', 'CANCELLED'],
  CONFIRMED: ['PROCESSING', 'CANCELLED'],
  PROCESSING: ['SHIPPED', 'CANCELLED'],
  SHIPPED: ['DELIVERED'],
  DELIVERED: ['RETURN_REQUESTED'],
  RETURN_REQUESTED: ['RETURNED'],
  RETURNED: [],
  CANCELLED: [],
};

const { decide } = order;
type Run = (state: OrderState, now: number) => ReturnType<(typeof decide)[keyof typeof decide]>;

const skus = fc.option(fc.subarray([KETTLE, CUP, LAMP], { minLength: 1 }), { nil: undefined });
const withSkus = <T extends object>(input: T, wanted: readonly (typeof KETTLE)[] | undefined) =>
  wanted ? { ...input, skus: wanted } : input;
const run = (make: Run): fc.Arbitrary<Run> => fc.constant(make);

/** The way of a good order. */
const main: readonly Run[] = [
  (state, now) => decide.recordReservation(state, { allocations, ...offer }, now),
  (state, now) => decide.recordPayment(state, { paymentId: PAYMENT }, now),
  (state, now) => decide.startProcessing(state, {}, now),
  (state, now) => decide.ship(state, {}, now),
  (state, now) => decide.deliver(state, {}, now),
];

const commands: fc.Arbitrary<Run> = fc.oneof(
  fc.constantFrom(...main),
  run((state, now) => decide.recordPayment(state, { paymentId: 'pay_2' as PaymentId }, now)),
  run((state, now) => decide.recordPaymentFailure(state, { reason: 'x' }, now)),
  run((state, now) => decide.recordAuthorisation(state, { paymentId: PAYMENT }, now)),
  fc.nat(3).map((n): Run => {
    const payment = { id: `pay_${n}` as PaymentId, method: 'card' as const, gateway: 'razorpay' };
    return (state, now) => decide.retryPayment(state, { payment }, now);
  }),
  run((state, now) => decide.expire(state, {}, now)),
  run((state, now) => decide.rejectForStock(state, { short: [] }, now)),
  run((state, now) => decide.abandonReservation(state, { short: [] }, now)),
  run((state, now) => decide.recordStockLost(state, { skus: [CUP] }, now)),
  fc.tuple(fc.nat(5), skus).map(([n, wanted]): Run => {
    const input = { cancellationId: `can_${n}`, reason: 'x', by: 'customer' as const };
    return (state, now) => decide.cancel(state, withSkus(input, wanted), now);
  }),
  fc.tuple(fc.nat(3), skus).map(([n, wanted]): Run => {
    const input = { returnId: returnId(n), reason: 'x' };
    return (state, now) => decide.requestReturn(state, withSkus(input, wanted), now);
  }),
  fc.nat(3).map(
    (n): Run =>
      (state, now) =>
        decide.receiveReturn(state, { returnId: returnId(n) }, now),
  ),
  fc.constantFrom('return-window', 'review-request').map(
    (name): Run =>
      (state, now) =>
        decide.remind(state, { name }, now),
  ),
);

test('statuses only along the arrows; the parts given back add up to what was paid', () => {
  const timed = fc.tuple(commands, fc.nat(60_000));
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.nat(main.length),
      fc.array(timed, { minLength: 5, maxLength: 60 }),
      fc.nat(20_000),
      fc.constantFrom('upi', 'cod'),
      (far, steps, discount, method) => {
        const placed = placedBy(method, discount);
        let now = STORY_BEGINS;
        let version = 0;
        let state = order.evolve(order.initial('ord_1'), placed, { at: now, version: ++version });
        let paid = 0;
        let owed = 0;
        for (const [decision, wait] of [...main.slice(0, far).map((each) => [each, 0] as const), ...steps]) {
          now += wait;
          const decided = decision(state, now);
          if (!decided.accepted) continue;
          for (const event of decided.events) {
            const before = state.status;
            state = order.evolve(state, event, { at: now, version: ++version });
            if (state.status !== before) expect(ARROWS[before]).toContain(state.status);
            seen.add(state.status);
            if (event.type === 'OrderConfirmed' && event.paid) paid += placed.totals.total;
            if (event.type === 'OrderDelivered') paid += event.collected;
            if ('refund' in event) owed += event.refund;
            expect(owed).toBeLessThanOrEqual(paid);
          }
          // Asked again at once, nothing more happens.
          const again = decision(state, now);
          if (again.accepted) expect(again.events).toEqual([]);
        }
        const view = order.view(state, now);
        if (view.status === 'NONE') throw new Error('it was placed');
        const { timeline, lines } = view;
        expect(timeline.at(-1)?.status).toBe(view.status);
        const gone = lines.every(({ status }) => status === 'CANCELLED' || status === 'RETURNED');
        // Whatever went first: with the last line, all that was paid for has come back, to the paisa.
        if (gone) expect(owed).toBe(paid);
      },
    ),
    { numRuns: 2_000 },
  );
  expect([...seen].sort()).toEqual(
    Object.keys(ARROWS)
      .filter((status) => status !== 'NONE')
      .sort(),
  );
});

test('a share of the discount leaves with each line, rounded down; the last takes the rest', () => {
  fc.assert(
    fc.property(fc.nat(33_332), fc.shuffledSubarray([KETTLE, CUP, LAMP], { minLength: 3 }), (discount, way) => {
      const placed = placedBy('upi', discount);
      let state = order.initial('ord_1');
      let version = 0;
      const at = STORY_BEGINS;
      for (const event of [
        placed,
        { type: 'OrderReserved', allocations } as const,
        { type: 'OrderConfirmed', paid: true } as const,
      ])
        state = order.evolve(state, event, { at, version: ++version });
      let back = 0;
      for (const sku of way) {
        const decided = decide.cancel(state, { cancellationId: sku, reason: 'x', by: 'customer', skus: [sku] }, at);
        if (!decided.accepted) throw new Error(decided.rejection.type);
        for (const event of decided.events) {
          if (!('refund' in event)) continue;
          const line = placed.lines.find((candidate) => candidate.sku === sku);
          const worth = (line?.quantity ?? 0) * (line?.unitPrice ?? 0);
          if (event.type === 'LinesCancelled') {
            expect(event.refund).toBeLessThanOrEqual(worth);
            expect(event.refund).toBe(Math.floor((worth * (placed.totals.items - discount)) / placed.totals.items));
          }
          back += event.refund;
          state = order.evolve(state, event, { at, version: ++version });
        }
      }
      expect(paise(back)).toBe(placed.totals.total);
    }),
  );
});
