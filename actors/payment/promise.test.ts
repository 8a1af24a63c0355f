/** Money that is promised first: authorised, taken on delivery or let go, whatever comes late, again or out of order. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OrderId, type PaymentId, paise, type RefundId, type UserId } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { payment } from './kind.ts';
import type { PaymentEvent } from './payment.ts';

const ID = 'pay_01890000000070008000000000000000' as PaymentId;
const AMOUNT = paise(25_000);
const orderId = 'ord_1' as OrderId;
const asked = { orderId, userId: 'usr_1' as UserId, amount: AMOUNT, method: 'paylater', gateway: 'pay-later' } as const;
const opened: PaymentEvent = { type: 'PaymentOpened', ...asked };
const promise = (n: number, amount: number = AMOUNT) => ({
  gatewayPaymentId: `txn_${n}`,
  amount: paise(amount),
  gatewayAt: STORY_BEGINS,
  expiresAt: STORY_BEGINS + 1_000,
});
const money = (n: number, amount: number = AMOUNT) => ({
  gatewayPaymentId: `txn_${n}`,
  amount: paise(amount),
  gatewayAt: STORY_BEGINS,
});
const authorised: PaymentEvent = { type: 'PaymentAuthorised', orderId, ...promise(1) };
const toBeTaken = (amount: number): PaymentEvent => ({
  type: 'CaptureRequested',
  orderId,
  gatewayPaymentId: 'txn_1',
  amount: paise(amount),
});
const toBeLetGo: PaymentEvent = { type: 'VoidRequested', orderId, gatewayPaymentId: 'txn_1', reason: 'cancelled' };
const letGo: PaymentEvent = { type: 'PaymentVoided', orderId, gatewayPaymentId: 'txn_1' };
const taken = (amount: number): PaymentEvent => ({ type: 'PaymentCaptured', orderId, ...money(1, amount) });
const promised = (...more: PaymentEvent[]) => given(payment, [opened, authorised, ...more], { id: ID });

describe('a promise', () => {
  test('is taken down once, whatever repeats', () => {
    given(payment, [opened], { id: ID })
      .when('recordAuthorisation', promise(1))
      .then([authorised])
      .answers({ taken: true })
      .when('recordAuthorisation', promise(1))
      .then([])
      .answers({ taken: true });
    given(payment, [], { id: ID }).when('recordAuthorisation', promise(1)).then({ type: 'unknown-payment' });
  });

  test('is taken in part on delivery, once', () => {
    promised()
      .when('requestCapture', { amount: paise(20_000) })
      .then([toBeTaken(20_000)])
      .when('requestCapture', { amount: paise(20_000) })
      .then([])
      .when('requestVoid', { reason: 'cancelled' })
      .then({ type: 'nothing-promised', status: 'authorised' })
      .when('recordCapture', money(1, 20_000))
      .then([taken(20_000)])
      .when('requestCapture', { amount: paise(20_000) })
      .then([])
      .when('requestVoid', { reason: 'cancelled' })
      .then({ type: 'nothing-promised', status: 'captured' });
    promised()
      .when('requestCapture', { amount: paise(25_001) })
      .then({ type: 'nothing-promised', status: 'authorised' });
    given(payment, [opened], { id: ID })
      .when('requestCapture', { amount: AMOUNT })
      .then({ type: 'nothing-promised', status: 'open' });
  });

  test('is let go, and then not taken', () => {
    promised()
      .when('requestVoid', { reason: 'cancelled' })
      .then([toBeLetGo])
      .when('requestVoid', { reason: 'again' })
      .then([])
      .when('requestCapture', { amount: AMOUNT })
      .then({ type: 'nothing-promised', status: 'authorised' })
      .when('recordVoid', { gatewayPaymentId: 'txn_1' })
      .then([letGo])
      .when('recordVoid', { gatewayPaymentId: 'txn_1' })
      .then([])
      .when('requestVoid', { reason: 'again' })
      .then([])
      .when('recordAuthorisation', promise(1))
      .then([]);
  });

  test('that the lender takes back is off, also while it is being taken', () => {
    promised(toBeTaken(AMOUNT)).when('recordVoid', { gatewayPaymentId: 'txn_1' }).then([letGo]);
    promised().when('recordVoid', { gatewayPaymentId: 'txn_2' }).then([]);
  });

  test('heard of after its money says nothing more', () => {
    given(payment, [opened], { id: ID })
      .when('recordCapture', money(1))
      .then([taken(AMOUNT)])
      .when('recordAuthorisation', promise(1))
      .then([])
      .answers({ taken: true })
      .when('recordVoid', { gatewayPaymentId: 'txn_1' })
      .then([]);
  });

  test('made twice, or of another amount, is let go; and refunded if it was taken all the same', () => {
    const second: PaymentEvent = { type: 'VoidRequested', orderId, gatewayPaymentId: 'txn_2', reason: 'duplicate' };
    promised()
      .when('recordAuthorisation', promise(2))
      .then([second])
      .answers({ taken: false })
      .when('recordAuthorisation', promise(2))
      .then([])
      .when('recordCapture', money(2))
      .then([
        { type: 'ExtraCaptureSeen', gatewayPaymentId: 'txn_2', amount: AMOUNT, why: 'wrong-amount' },
        {
          type: 'RefundRequested',
          orderId,
          refundId: 'rfd_01890000000070008000000000000000' as RefundId,
          gatewayPaymentId: 'txn_2',
          amount: AMOUNT,
          reason: 'wrong-amount',
        },
      ]);
    given(payment, [opened], { id: ID })
      .when('recordAuthorisation', promise(1, 1))
      .then([{ ...second, gatewayPaymentId: 'txn_1', reason: 'wrong-amount' }]);
  });

  test('is nothing that a refund could come from', () => {
    promised()
      .when('requestRefund', { refundId: 'rfd_1' as RefundId, amount: paise(1), reason: 'x' })
      .then({ type: 'nothing-to-refund', refundable: paise(0) });
  });
});

test('money of another gateway names it, and goes back there', () => {
  const other = { ...money(1), gateway: 'razorpay' };
  given(payment, [opened], { id: ID })
    .when('recordCapture', other)
    .then([{ type: 'PaymentCaptured', orderId, ...other }])
    .when('requestRefund', { refundId: 'rfd_1' as RefundId, amount: paise(5), reason: 'x' })
    .then([
      {
        type: 'RefundRequested',
        orderId,
        refundId: 'rfd_1' as RefundId,
        gatewayPaymentId: 'txn_1',
        amount: paise(5),
        reason: 'x',
        gateway: 'razorpay',
      },
    ]);
  given(payment, [opened], { id: ID })
    .when('recordCapture', { ...money(1), gateway: 'pay-later' })
    .then([taken(AMOUNT)]);
});

test('the gateway that opened it after others failed becomes its own, with the tries', () => {
  const offer = { gatewayOrderId: 'order_1', paymentUrl: 'https://pay.example/1' };
  const tries = [{ gateway: 'pay-later', why: 'timeout' }];
  const { state } = given(payment, [opened], { id: ID })
    .when('attachGatewayOrder', { ...offer, gateway: 'razorpay', tries })
    .then([{ type: 'GatewayOrderAttached', ...offer, gateway: 'razorpay', tries }]);
  expect(payment.view(state, STORY_BEGINS)).toMatchObject({ gateway: 'razorpay', tries, ...offer });
});

test('whatever comes in whatever order: asked to be taken or to be let go, never both; and never more than promised', () => {
  const { decide } = payment;
  type Run = (state: ReturnType<typeof payment.initial>) => ReturnType<(typeof decide)[keyof typeof decide]>;
  const nth = fc.nat(3);
  const amount = fc.oneof(fc.constant(25_000), fc.constant(20_000), fc.integer({ min: 1, max: 30_000 }));
  const about = (make: (n: number, value: number) => Run) => fc.tuple(nth, amount).map(([n, value]) => make(n, value));
  const command: fc.Arbitrary<Run> = fc.oneof(
    about((n, value) => (state) => decide.recordAuthorisation(state, promise(n, value), 0)),
    about((n) => (state) => decide.recordAuthorisation(state, promise(n), 0)),
    about((n, value) => (state) => decide.recordCapture(state, money(n, value), 0)),
    about((n) => (state) => decide.recordVoid(state, { gatewayPaymentId: `txn_${n}` }, 0)),
    about((_, value) => (state) => decide.requestCapture(state, { amount: paise(value) }, 0)),
    about(() => (state) => decide.requestVoid(state, { reason: 'x' }, 0)),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      let state = payment.evolve(payment.initial(ID), opened, { at: STORY_BEGINS, version: 1 });
      const asks = new Map<string, Set<string>>();
      const captured: number[] = [];
      for (const run of commands) {
        const decision = run(state);
        if (!decision.accepted) continue;
        for (const event of decision.events) {
          state = payment.evolve(state, event, { at: STORY_BEGINS, version: 2 });
          if (event.type === 'CaptureRequested' || event.type === 'VoidRequested')
            asks.set(event.gatewayPaymentId, new Set([...(asks.get(event.gatewayPaymentId) ?? []), event.type]));
          if (event.type === 'CaptureRequested') expect(event.amount).toBeLessThanOrEqual(AMOUNT);
          if (event.type === 'PaymentCaptured') captured.push(event.amount);
        }
      }
      for (const ways of asks.values()) expect(ways.size).toBe(1);
      expect(captured.length).toBeLessThanOrEqual(1);
      for (const value of captured) expect(value).toBeLessThanOrEqual(AMOUNT);
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
    { numRuns: 500 },
  );
});
