import { describe, expect, test } from 'vitest';
import { type PaymentId, paise, type Sku, type WarehouseId } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { order } from './kind.ts';
import {
  type OrderEvent,
  type OrderStatus,
  type OrderView,
  type PlacedOrder,
  RETURN_WINDOW_MS,
  REVIEW_REQUEST_MS,
} from './order.ts';
import {
  allocations,
  CUP,
  confirmed,
  delivered,
  KETTLE,
  LAMP,
  offer,
  onDelivery,
  PAYMENT,
  pending,
  placed,
  placedBy,
  RESERVED_UNTIL,
  refundId,
  returnId,
  shipped,
} from './testing/history.ts';

const ALL = [KETTLE, CUP, LAMP];
const TOTAL = placedBy().totals.total;
const refused = (from: OrderStatus | 'NONE') => ({ type: 'invalid-transition' as const, from });
const asked = (n: number, skus?: readonly Sku[]) => ({
  cancellationId: `can_${n}`,
  reason: 'changed my mind',
  by: 'customer' as const,
  ...(skus ? { skus } : {}),
});
const { type: _, ...placing } = placedBy();

describe('checkout', () => {
  test('is placed once', () => {
    given(order, [])
      .when('place', placing)
      .then([placedBy()])
      .when('place', placing)
      .then([])
      .when('place', { ...placing, payment: { ...placing.payment, id: 'pay_2' as PaymentId } })
      .then(refused('CREATED'));
  });

  test('a reservation makes it wait for its payment', () => {
    const waiting = given(order, placed)
      .when('recordReservation', { allocations, ...offer })
      .then([{ type: 'OrderReserved', allocations, ...offer }])
      .when('recordReservation', { allocations })
      .then([]);
    expect(waiting.view()).toMatchObject({ status: 'PAYMENT_PENDING', payment: { status: 'pending', ...offer } });
  });

  test('cash on delivery waits for nothing: reserved and confirmed in one commit', () => {
    const { timeline, payment } = placedView(
      given(order, [placedBy('cod')])
        .when('recordReservation', { allocations })
        .then([
          { type: 'OrderReserved', allocations },
          { type: 'OrderConfirmed', paid: false },
        ])
        .view(),
    );
    expect(timeline.map(({ status, version }) => [status, version])).toEqual([
      ['CREATED', 1],
      ['PAYMENT_PENDING', 2],
      ['CONFIRMED', 3],
    ]);
    expect(payment.status).toBe('pending');
  });

  test('short: it ends, and says what was short', () => {
    const short = [{ sku: CUP, available: 0 }];
    const end = given(order, placed)
      .when('rejectForStock', { short })
      .then([{ type: 'OrderCancelled', reason: 'out-of-stock', short, skus: ALL, refund: paise(0) }])
      .when('rejectForStock', { short })
      .then([]);
    end.when('recordReservation', { allocations }).then(refused('CANCELLED'));
    expect(end.view()).toMatchObject({
      cancelled: { reason: 'out-of-stock', short },
      payment: { status: 'not-collected' },
    });
  });

  test('once abandoned, no run of the checkout can complete it', () => {
    const short = [{ sku: CUP, available: 0 }];
    given(order, placed)
      .when('abandonReservation', { short })
      .then([{ type: 'ReservationAbandoned', short }])
      .when('abandonReservation', { short })
      .then([])
      .when('recordReservation', { allocations })
      .then(refused('CREATED'));
    given(order, pending).when('abandonReservation', { short }).then(refused('PAYMENT_PENDING'));
  });

  test('a late offer: the first stands', () => {
    given(order, [...placed, { type: 'OrderReserved', allocations }])
      .when('offerPayment', offer)
      .then([{ type: 'PaymentOffered', ...offer }])
      .when('offerPayment', { ...offer, gatewayOrderId: 'order_2' })
      .then([]);
    given(order, confirmed).when('offerPayment', offer).then(refused('CONFIRMED'));
  });
});

describe('payment', () => {
  test('in time: confirmed, once', () => {
    const bought = given(order, pending)
      .when('recordPayment', { paymentId: PAYMENT }, RESERVED_UNTIL)
      .then([{ type: 'OrderConfirmed', paid: true }])
      .when('recordPayment', { paymentId: PAYMENT }, RESERVED_UNTIL + 1)
      .then([]);
    expect(bought.view()).toMatchObject({ status: 'CONFIRMED', payment: { status: 'captured' } });
  });

  test('too late, of another order, or after its end: not wanted', () => {
    const notWanted = (status: OrderStatus | 'NONE') => ({ type: 'payment-not-wanted' as const, status });
    const pay = { paymentId: PAYMENT };
    given(order, pending)
      .when('recordPayment', pay, RESERVED_UNTIL + 1)
      .then(notWanted('PAYMENT_PENDING'));
    given(order, pending)
      .when('recordPayment', { paymentId: 'pay_2' as PaymentId })
      .then(notWanted('PAYMENT_PENDING'));
    given(order, placed).when('recordPayment', pay).then(notWanted('CREATED'));
    given(order, []).when('recordPayment', pay).then(notWanted('NONE'));
  });

  test('a repeat after the paid order was cancelled is no second refund', () => {
    given(order, confirmed)
      .when('cancel', asked(1))
      .then([cancelled(1, ALL, TOTAL)])
      .when('recordPayment', { paymentId: PAYMENT })
      .then([]);
  });

  test('failed: another try may follow until its time is over, then it ends', () => {
    const end = given(order, pending)
      .when('recordPaymentFailure', { reason: 'BAD_OTP' })
      .then([{ type: 'OrderPaymentFailed', reason: 'BAD_OTP' }])
      .when('recordPaymentFailure', { reason: 'BAD_OTP' })
      .then([])
      .when('expire', {}, RESERVED_UNTIL)
      .then([{ type: 'OrderCancelled', reason: 'payment-failed', skus: ALL, refund: paise(0) }])
      .when('expire', {}, RESERVED_UNTIL)
      .then([]);
    expect(end.view()).toMatchObject({ status: 'CANCELLED', payment: { status: 'failed' } });
    given(order, confirmed).when('recordPaymentFailure', { reason: 'late' }).then(refused('CONFIRMED'));
  });

  test('expires when it is due, and only what still waits', () => {
    given(order, pending)
      .when('expire', {}, RESERVED_UNTIL - 1)
      .then({ type: 'not-due', dueAt: RESERVED_UNTIL });
    for (const history of [placed, pending])
      given(order, history)
        .when('expire', {}, RESERVED_UNTIL)
        .then([{ type: 'OrderCancelled', reason: 'reservation-expired', skus: ALL, refund: paise(0) }])
        .when('expire', {}, RESERVED_UNTIL)
        .then([]);
    given(order, confirmed).when('expire', {}, RESERVED_UNTIL).then([]);
    given(order, []).when('expire', {}).then([]);
  });
});

describe('stock after confirmation', () => {
  test('lost: cancelled, and what was paid is owed', () => {
    given(order, confirmed)
      .when('recordStockLost', { skus: [CUP] })
      .then([
        { type: 'OrderCancelled', reason: 'stock-lost', short: [{ sku: CUP, available: 0 }], skus: ALL, refund: TOTAL },
      ])
      .when('recordStockLost', { skus: [CUP] })
      .then([]);
    given(order, shipped)
      .when('recordStockLost', { skus: [CUP] })
      .then(refused('SHIPPED'));
  });

  test('served from elsewhere', () => {
    const elsewhere = { sku: CUP, allocations: [{ warehouseId: 'wh_maa' as WarehouseId, quantity: 1 }] };
    const moved = given(order, confirmed)
      .when('recordReallocation', elsewhere)
      .then([{ type: 'LineReallocated', ...elsewhere }])
      .when('recordReallocation', elsewhere)
      .then([]);
    expect(placedView(moved.view()).allocations).toEqual({ ...allocations, [CUP]: elsewhere.allocations });
  });
});

describe('cancelling', () => {
  test('before it is shipped, and not after', () => {
    for (const history of [placed, pending])
      given(order, history)
        .when('cancel', asked(1))
        .then([cancelled(1, ALL, 0)])
        .when('cancel', asked(1))
        .then([])
        .when('cancel', asked(2))
        .then(refused('CANCELLED'));
    for (const history of [confirmed, [...confirmed, { type: 'ProcessingStarted' } as const]])
      given(order, history)
        .when('cancel', asked(1))
        .then([cancelled(1, ALL, TOTAL)]);
    given(order, shipped).when('cancel', asked(1)).then(refused('SHIPPED'));
    given(order, []).when('cancel', asked(1)).then(refused('NONE'));
  });

  test('some lines: their share back; the last take the shipping', () => {
    const partly = given(order, confirmed)
      .when('cancel', asked(1, [CUP]))
      .then([lines(1, [CUP], 3_333)])
      .when('cancel', asked(1, [CUP]))
      .then([])
      .when('cancel', asked(2, [CUP]))
      .then(refused('CANCELLED'))
      .when('cancel', asked(2, ['toaster' as Sku]))
      .then({ type: 'unknown-line', sku: 'toaster' as Sku });
    const { lines: now, payment } = placedView(partly.view());
    expect(now.map(({ status }) => status)).toEqual(['CONFIRMED', 'CANCELLED', 'CONFIRMED']);
    expect(payment.status).toBe('refund-pending');
    const end = partly.when('cancel', asked(3, [KETTLE, LAMP])).then([cancelled(3, [KETTLE, LAMP], TOTAL - 3_333)]);
    const refunded = end
      .when('recordRefund', { refundId: refundId(1), amount: paise(3_333) })
      .then([{ type: 'OrderRefunded', refundId: refundId(1), amount: paise(3_333) }])
      .when('recordRefund', { refundId: refundId(1), amount: paise(3_333) })
      .then([]);
    expect(placedView(refunded.view()).payment.status).toBe('refund-pending');
    const whole = refunded
      .when('recordRefund', { refundId: refundId(2), amount: paise(TOTAL - 3_333) })
      .then([{ type: 'OrderRefunded', refundId: refundId(2), amount: paise(TOTAL - 3_333) }]);
    expect(whole.view()).toMatchObject({ refunded: TOTAL, payment: { status: 'refunded' } });
  });

  test('some lines: not before it is confirmed, as the amount to pay stands', () => {
    given(order, pending)
      .when('cancel', asked(1, [CUP]))
      .then(refused('PAYMENT_PENDING'));
    given(order, pending)
      .when('cancel', asked(1, ['toaster' as Sku]))
      .then({ type: 'unknown-line', sku: 'toaster' as Sku });
    given(order, pending)
      .when('cancel', asked(1, ALL))
      .then([cancelled(1, ALL, 0)]);
  });

  test('of cash on delivery owes nothing, and less is collected', () => {
    const sent = given(order, onDelivery)
      .when('cancel', asked(1, [CUP]))
      .then([{ ...lines(1, [CUP], 3_333), refund: paise(0) }])
      .when('startProcessing', {})
      .then([{ type: 'ProcessingStarted' }])
      .when('ship', {})
      .then([{ type: 'OrderShipped' }])
      .when('deliver', {})
      .then([{ type: 'OrderDelivered', collected: paise(TOTAL - 3_333) }]);
    expect(placedView(sent.view()).payment.status).toBe('captured');
  });
});

describe('fulfilment and returns', () => {
  test('one step after the other; each may be repeated', () => {
    given(order, confirmed)
      .when('ship', {})
      .then(refused('CONFIRMED'))
      .when('startProcessing', {})
      .then([{ type: 'ProcessingStarted' }])
      .when('startProcessing', {})
      .then([])
      .when('ship', { carrier: 'Delhivery', trackingNumber: 'DL1' })
      .then([{ type: 'OrderShipped', carrier: 'Delhivery', trackingNumber: 'DL1' }])
      .when('ship', {})
      .then([])
      .when('deliver', {})
      .then([{ type: 'OrderDelivered', collected: paise(0) }])
      .when('deliver', {})
      .then([]);
  });

  test('line by line: the order is where all its live lines are', () => {
    const ret = (n: number, skus: readonly Sku[]) => ({ returnId: returnId(n), reason: 'broken', skus });
    const one = given(order, delivered)
      .when('requestReturn', ret(1, [CUP]))
      .then([{ type: 'ReturnRequested', ...ret(1, [CUP]) }])
      .when('requestReturn', ret(1, [CUP]))
      .then([])
      .when('requestReturn', ret(2, [CUP]))
      .then(refused('RETURN_REQUESTED'));
    expect(one.view().status).toBe('DELIVERED');
    const all = one
      .when('requestReturn', { returnId: returnId(2), reason: 'all of it' })
      .then([{ type: 'ReturnRequested', returnId: returnId(2), skus: [KETTLE, LAMP], reason: 'all of it' }]);
    expect(all.view().status).toBe('RETURN_REQUESTED');
    const back = all
      .when('receiveReturn', { returnId: returnId(1) })
      .then([{ type: 'ReturnReceived', returnId: returnId(1), skus: [CUP], refund: paise(3_333) }])
      .when('receiveReturn', { returnId: returnId(1) })
      .then([]);
    expect(back.view().status).toBe('RETURN_REQUESTED');
    const end = back
      .when('receiveReturn', { returnId: returnId(2) })
      .then([{ type: 'ReturnReceived', returnId: returnId(2), skus: [KETTLE, LAMP], refund: paise(TOTAL - 3_333) }])
      .when('receiveReturn', { returnId: returnId(3) })
      .then(refused('RETURNED'));
    expect(end.view().status).toBe('RETURNED');
  });

  test('within the window', () => {
    const closedAt = STORY_BEGINS + RETURN_WINDOW_MS;
    const ask = { returnId: returnId(1), reason: 'broken', skus: [CUP] };
    const story = given(order, delivered);
    story.when('requestReturn', ask, closedAt).then([{ type: 'ReturnRequested', ...ask }]);
    story.when('requestReturn', ask, closedAt + 1).then({ type: 'return-window-closed', closedAt });
    given(order, shipped).when('requestReturn', ask).then(refused('SHIPPED'));
  });

  test('reminders: a review is asked for once, the window ends once', () => {
    const names = (state: Parameters<NonNullable<typeof order.reminders>>[0]) =>
      order.reminders?.(state).map(({ name, at }) => [name, at - STORY_BEGINS]);
    const story = given(order, delivered);
    expect(names(story.state)).toEqual([
      ['return-window', RETURN_WINDOW_MS],
      ['review-request', REVIEW_REQUEST_MS],
    ]);
    expect(names(given(order, shipped).state)).toEqual([]);
    const end = story
      .when('remind', { name: 'review-request' }, STORY_BEGINS)
      .then([])
      .when('remind', { name: 'review-request' }, STORY_BEGINS + REVIEW_REQUEST_MS)
      .then([{ type: 'ReviewRequested' }])
      .when('remind', { name: 'review-request' }, STORY_BEGINS + REVIEW_REQUEST_MS)
      .then([])
      .when('remind', { name: 'return-window' }, STORY_BEGINS + RETURN_WINDOW_MS)
      .then([{ type: 'ReturnWindowEnded' }])
      .when('remind', { name: 'unheard-of' })
      .then([]);
    expect(names(end.state)).toEqual([]);
  });
});

function cancelled(n: number, skus: readonly Sku[], refund: number): OrderEvent {
  const details = { note: 'changed my mind', cancellationId: `can_${n}` };
  return { type: 'OrderCancelled', reason: 'customer', ...details, skus, refund: paise(refund) };
}

function lines(n: number, skus: readonly Sku[], value: number): Extract<OrderEvent, { type: 'LinesCancelled' }> {
  const worth = { value: paise(value), refund: paise(value) };
  return { type: 'LinesCancelled', cancellationId: `can_${n}`, skus, reason: 'changed my mind', ...worth };
}

function placedView(view: OrderView): PlacedOrder {
  if (view.status === 'NONE') throw new Error('there is no order');
  return view;
}
