import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OrderId, type PaymentId, paise, type RefundId, type UserId } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { payment } from './kind.ts';
import { type PaymentEvent, REMEMBERED_ATTEMPTS } from './payment.ts';

const ID = 'pay_01890000000070008000000000000000' as PaymentId;
const AMOUNT = paise(25_000);
const orderId = 'ord_1' as OrderId;
const asked = { orderId, userId: 'usr_1' as UserId, amount: AMOUNT, method: 'upi', gateway: 'razorpay' } as const;
const page = { gatewayOrderId: 'order_1', paymentUrl: 'https://pay.example/1' };
const opened: PaymentEvent = { type: 'PaymentOpened', ...asked };
const notice = (n: number, amount: number = AMOUNT) => ({
  gatewayPaymentId: `gp_${n}`,
  amount: paise(amount),
  gatewayAt: STORY_BEGINS,
});
const captured = (n: number): PaymentEvent => ({ type: 'PaymentCaptured', orderId, ...notice(n) });
const rfd = (n: number) => `rfd_${n}` as RefundId;
const paid = () => given(payment, [opened, captured(1)], { id: ID });
const requested = (n: number, amount: number): PaymentEvent => ({
  type: 'RefundRequested',
  orderId,
  refundId: rfd(n),
  gatewayPaymentId: 'gp_1',
  amount: paise(amount),
  reason: 'cancelled',
});
const ask = (n: number, amount: number) => ({ refundId: rfd(n), amount: paise(amount), reason: 'cancelled' });

test('opened once; the page may come later, and the first stands', () => {
  given(payment, [], { id: ID })
    .when('open', asked)
    .then([opened])
    .when('open', asked)
    .then([])
    .when('attachGatewayOrder', page)
    .then([{ type: 'GatewayOrderAttached', ...page }])
    .when('attachGatewayOrder', { ...page, gatewayOrderId: 'order_2' })
    .then([])
    .when('open', { ...asked, ...page })
    .then([]);
});

test('what was never opened is unknown', () => {
  const none = given(payment, [], { id: ID });
  none.when('recordCapture', notice(1)).then({ type: 'unknown-payment' });
  none
    .when('recordFailure', { gatewayPaymentId: 'gp_1', code: 'x', description: 'x' })
    .then({ type: 'unknown-payment' });
  none.when('attachGatewayOrder', page).then({ type: 'unknown-payment' });
  none.when('recordCollection', { amount: AMOUNT }).then({ type: 'unknown-payment' });
  none.when('requestRefund', ask(1, 1)).then({ type: 'unknown-payment' });
  none.when('recordRefund', { refundId: rfd(1), gatewayRefundId: 'r' }).then({ type: 'unknown-refund' });
  none.when('recordRefundFailure', { refundId: rfd(1), reason: 'r' }).then({ type: 'unknown-refund' });
});

describe('a capture', () => {
  test('is taken once, whatever repeats', () => {
    given(payment, [opened], { id: ID })
      .when('recordCapture', notice(1))
      .then([captured(1)])
      .answers({ taken: true })
      .when('recordCapture', notice(1))
      .then([])
      .answers({ taken: true });
  });

  test('after a failed attempt is fine; a failure after it says nothing', () => {
    const failure = { gatewayPaymentId: 'gp_1', code: 'BAD_OTP', description: 'wrong code' };
    given(payment, [opened], { id: ID })
      .when('recordFailure', failure)
      .then([{ type: 'PaymentAttemptFailed', orderId, ...failure }])
      .when('recordFailure', failure)
      .then([])
      .when('recordCapture', notice(2))
      .then([captured(2)])
      .when('recordFailure', { ...failure, gatewayPaymentId: 'gp_3' })
      .then([]);
  });

  test('that comes twice is seen once and goes back once', () => {
    const refundId = 'rfd_01890000000070008000000000000000' as RefundId;
    const extra = { gatewayPaymentId: 'gp_2', amount: AMOUNT };
    paid()
      .when('recordCapture', notice(2))
      .then([
        { type: 'ExtraCaptureSeen', ...extra, why: 'duplicate' },
        { type: 'RefundRequested', orderId, refundId, ...extra, reason: 'duplicate' },
      ])
      .answers({ taken: false })
      .when('recordCapture', notice(2))
      .then([])
      .answers({ taken: false });
  });

  test('in the wrong amount goes back; the right one is still taken', () => {
    const story = given(payment, [opened], { id: ID }).when('recordCapture', notice(1, 1));
    expect(story.decision).toMatchObject({ accepted: true, result: { taken: false } });
    if (!story.decision.accepted) return;
    expect(story.decision.events.map(({ type }) => type)).toEqual(['ExtraCaptureSeen', 'RefundRequested']);
    story
      .then(story.decision.events)
      .when('recordCapture', notice(2))
      .then([captured(2)]);
  });

  test('in cash is what was taken at the door, once', () => {
    given(payment, [opened], { id: ID })
      .when('recordCollection', { amount: paise(20_000) })
      .then([{ type: 'PaymentCaptured', orderId, ...notice(0, 20_000), gatewayPaymentId: `cash_${ID}` }])
      .when('recordCollection', { amount: paise(20_000) })
      .then([]);
  });

  test('the memory of attempts is bounded', () => {
    const failures = Array.from(
      { length: REMEMBERED_ATTEMPTS + 5 },
      (_, n): PaymentEvent => ({
        type: 'PaymentAttemptFailed',
        orderId,
        gatewayPaymentId: `gp_${n}`,
        code: 'x',
        description: 'x',
      }),
    );
    const { state } = given(payment, [opened, ...failures], { id: ID });
    expect(state).toMatchObject({ failures: REMEMBERED_ATTEMPTS + 5 });
    expect(state.status === 'none' ? [] : state.attempts).toHaveLength(REMEMBERED_ATTEMPTS);
  });
});

describe('a refund', () => {
  test('is asked for once by its id, and never more than was taken', () => {
    paid()
      .when('requestRefund', ask(1, 20_000))
      .then([requested(1, 20_000)])
      .when('requestRefund', ask(1, 20_000))
      .then([])
      .when('requestRefund', ask(2, 5_001))
      .then({ type: 'nothing-to-refund', refundable: paise(5_000) })
      .when('requestRefund', ask(2, 5_000))
      .then([requested(2, 5_000)]);
    paid().when('requestRefund', ask(1, 0)).then({ type: 'nothing-to-refund', refundable: AMOUNT });
    given(payment, [opened], { id: ID })
      .when('requestRefund', ask(1, 1))
      .then({ type: 'nothing-to-refund', refundable: paise(0) });
  });

  test('ends once; a failed one may be asked for again, and still counts', () => {
    const processed = { refundId: rfd(1), gatewayRefundId: 'gr_1' };
    paid()
      .when('requestRefund', ask(1, 20_000))
      .then([requested(1, 20_000)])
      .when('recordRefundFailure', { refundId: rfd(1), reason: 'no funds' })
      .then([{ type: 'RefundFailed', orderId, refundId: rfd(1), reason: 'no funds' }])
      .when('requestRefund', ask(2, 20_000))
      .then({ type: 'nothing-to-refund', refundable: paise(5_000) })
      .when('requestRefund', ask(1, 1))
      .then({ type: 'nothing-to-refund', refundable: paise(20_000) })
      .when('requestRefund', ask(1, 20_000))
      .then([requested(1, 20_000)])
      .when('recordRefund', processed)
      .then([{ type: 'RefundProcessed', orderId, ...processed, amount: paise(20_000) }])
      .when('recordRefund', processed)
      .then([])
      .when('recordRefundFailure', { refundId: rfd(1), reason: 'late' })
      .then([]);
  });
});

test('whatever the gateway says, in whatever order: refunds never exceed captures', () => {
  const { decide } = payment;
  type Run = (state: ReturnType<typeof payment.initial>) => ReturnType<(typeof decide)[keyof typeof decide]>;
  const nth = fc.nat(4);
  const amount = fc.oneof(fc.constant(25_000), fc.integer({ min: -1, max: 30_000 }));
  const command: fc.Arbitrary<Run> = fc.oneof(
    fc.constant<Run>((state) => decide.open(state, asked, STORY_BEGINS)),
    fc.tuple(nth, amount).map(
      ([n, value]): Run =>
        (state) =>
          decide.recordCapture(state, notice(n, Math.max(1, value)), STORY_BEGINS),
    ),
    nth.map(
      (n): Run =>
        (state) =>
          decide.recordFailure(state, { gatewayPaymentId: `gp_${n}`, code: 'x', description: 'x' }, 0),
    ),
    fc.tuple(nth, amount).map(
      ([n, value]): Run =>
        (state) =>
          decide.requestRefund(state, ask(n, value), 0),
    ),
    nth.map(
      (n): Run =>
        (state) =>
          decide.recordRefund(state, { refundId: rfd(n), gatewayRefundId: `gr_${n}` }, 0),
    ),
    nth.map(
      (n): Run =>
        (state) =>
          decide.recordRefundFailure(state, { refundId: rfd(n), reason: 'x' }, 0),
    ),
    amount.map(
      (value): Run =>
        (state) =>
          decide.recordCollection(state, { amount: paise(Math.max(1, value)) }, 0),
    ),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 50 }), (commands) => {
      let state = payment.initial(ID);
      let version = 0;
      const takenBy = new Map<string, number>();
      const givenBack = new Map<string, number>();
      let captures = 0;
      for (const run of commands) {
        const decision = run(state);
        if (!decision.accepted) continue;
        for (const event of decision.events) {
          state = payment.evolve(state, event, { at: STORY_BEGINS, version: ++version });
          if (event.type === 'PaymentCaptured') captures += 1;
          if (event.type === 'PaymentCaptured' || event.type === 'ExtraCaptureSeen')
            takenBy.set(event.gatewayPaymentId, (takenBy.get(event.gatewayPaymentId) ?? 0) + event.amount);
          if (event.type === 'RefundProcessed')
            givenBack.set(event.refundId, (givenBack.get(event.refundId) ?? 0) + event.amount);
        }
        expect(captures).toBeLessThanOrEqual(1);
        if (state.status === 'none') continue;
        for (const [gatewayPaymentId, taken] of takenBy) {
          const refunds = state.refunds.filter((refund) => refund.gatewayPaymentId === gatewayPaymentId);
          expect(refunds.reduce((total, refund) => total + refund.amount, 0)).toBeLessThanOrEqual(taken);
        }
        for (const [refundId, amountBack] of givenBack)
          expect(amountBack).toBe(state.refunds.find((refund) => refund.refundId === refundId)?.amount);
      }
    }),
    { numRuns: 500 },
  );
});
