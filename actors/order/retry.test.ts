/** Another try to pay: which one counts, and what becomes of the others. */
import { describe, expect, test } from 'vitest';
import { type PaymentId, paise } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { order } from './kind.ts';
import { MAX_PAYMENT_ATTEMPTS, type OrderEvent, type OrderStatus } from './order.ts';
import { confirmed, delivered, PAYMENT, pending, placedBy, RESERVED_UNTIL, refundId } from './testing/history.ts';

const first = placedBy().payment;
const again = (n: number) => ({ id: `pay_again_${n}` as PaymentId, method: 'netbanking' as const, gateway: 'payu' });
const tried = (n: number): OrderEvent => ({ type: 'PaymentRetried', payment: again(n) });
const failed: OrderEvent = { type: 'OrderPaymentFailed', reason: 'BAD_OTP' };
const page = { gatewayOrderId: 'txn_2', paymentUrl: 'https://pay.example/2' };
const refused = (from: OrderStatus) => ({ type: 'invalid-transition' as const, from });

describe('a try to pay', () => {
  test('follows one that failed, or one that was left, once by its payment', () => {
    given(order, [...pending, failed])
      .when('retryPayment', { payment: again(1) })
      .then([tried(1)])
      .when('retryPayment', { payment: again(1) })
      .then([])
      .when('retryPayment', { payment: again(2) })
      .then([tried(2)])
      .when('retryPayment', { payment: first })
      .then([]);
    const { state } = given(order, [...pending, failed, tried(1)]);
    expect(order.view(state, STORY_BEGINS)).toMatchObject({
      status: 'PAYMENT_PENDING',
      payment: { ...again(1), status: 'pending' },
      otherPayments: [first],
    });
    expect(order.view(state, STORY_BEGINS)).not.toHaveProperty('payment.paymentUrl');
  });

  test('is possible while the stock is held, and not too often', () => {
    given(order, pending)
      .when('retryPayment', { payment: again(1) }, RESERVED_UNTIL + 1)
      .then(refused('PAYMENT_PENDING'));
    given(order, confirmed)
      .when('retryPayment', { payment: again(1) })
      .then(refused('CONFIRMED'));
    const many = Array.from({ length: MAX_PAYMENT_ATTEMPTS - 1 }, (_, n) => tried(n));
    given(order, [...pending, ...many])
      .when('retryPayment', { payment: again(99) })
      .then({ type: 'too-many-attempts', limit: MAX_PAYMENT_ATTEMPTS });
  });

  test('has its own page; that of an earlier one is offered no more', () => {
    given(order, [...pending, tried(1)])
      .when('offerPayment', { ...page, paymentId: PAYMENT })
      .then(refused('PAYMENT_PENDING'))
      .when('offerPayment', { ...page, paymentId: again(1).id, gateway: 'razorpay' })
      .then([{ type: 'PaymentOffered', ...page, gateway: 'razorpay' }]);
    const { state } = given(order, [...pending, tried(1), { type: 'PaymentOffered', ...page, gateway: 'razorpay' }]);
    expect(order.view(state, STORY_BEGINS)).toMatchObject({ payment: { ...again(1), ...page, gateway: 'razorpay' } });
  });

  test('that fails fails the order, if it is the last one', () => {
    given(order, [...pending, tried(1)])
      .when('recordPaymentFailure', { reason: 'BAD_OTP', paymentId: PAYMENT })
      .then([])
      .when('recordPaymentFailure', { reason: 'BAD_OTP', paymentId: again(1).id })
      .then([failed]);
  });
});

describe('the try that is paid first', () => {
  test('pays the order, whichever it is; money of the others is not wanted', () => {
    const story = given(order, [...pending, failed, tried(1)])
      .when('recordPayment', { paymentId: PAYMENT })
      .then([{ type: 'OrderConfirmed', paid: true, paymentId: PAYMENT }])
      .when('recordPayment', { paymentId: PAYMENT })
      .then([])
      .when('recordPayment', { paymentId: again(1).id })
      .then({ type: 'payment-not-wanted', status: 'CONFIRMED' });
    expect(order.view(story.state, STORY_BEGINS)).toMatchObject({
      payment: { ...first, status: 'captured' },
      otherPayments: [again(1)],
    });
    given(order, [...pending, failed])
      .when('recordPayment', { paymentId: PAYMENT })
      .then([{ type: 'OrderConfirmed', paid: true }]);
  });

  test('is the one whose refunds count', () => {
    given(order, [...pending, tried(1), { type: 'OrderConfirmed', paid: true }])
      .when('recordRefund', { refundId: refundId(1), amount: paise(1), paymentId: PAYMENT })
      .then([])
      .when('recordRefund', { refundId: refundId(1), amount: paise(1), paymentId: again(1).id })
      .then([{ type: 'OrderRefunded', refundId: refundId(1), amount: paise(1) }]);
  });

  test('may be a promise, which is taken on delivery', () => {
    const story = given(order, pending)
      .when('recordAuthorisation', { paymentId: PAYMENT })
      .then([{ type: 'OrderConfirmed', paid: false }])
      .when('recordAuthorisation', { paymentId: PAYMENT })
      .then([])
      .when('recordPayment', { paymentId: PAYMENT })
      .then([])
      .when('recordAuthorisation', { paymentId: 'pay_other' as PaymentId })
      .then({ type: 'payment-not-wanted', status: 'CONFIRMED' });
    expect(story.state).toMatchObject({ paid: false });
    given(order, pending)
      .when('recordAuthorisation', { paymentId: PAYMENT }, RESERVED_UNTIL + 1)
      .then({ type: 'payment-not-wanted', status: 'PAYMENT_PENDING' });
    given(order, delivered).when('recordPayment', { paymentId: PAYMENT }).then([]);
  });
});
