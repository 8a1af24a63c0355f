import { type PaymentId, paise, type RefundId } from '../ids.ts';
import { accept, type Decider, reject } from '../runtime/kind.ts';
import type { OpenedPayment, PaymentContract, PaymentEvent, PaymentState, Refund } from './payment.ts';

export const decide: Decider<PaymentContract, PaymentState, PaymentEvent> = {
  open(state, input) {
    if (state.status === 'none') return accept([{ type: 'PaymentOpened', ...input }], null);
    return accept(attach(state, input), null);
  },

  attachGatewayOrder(state, offer) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    return accept(attach(state, offer), null);
  },

  recordCapture(state, { gatewayPaymentId, amount, gatewayAt }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    const { orderId } = state;
    if (state.status === 'captured' && state.capture.gatewayPaymentId === gatewayPaymentId)
      return accept([], { taken: true });
    if (state.extras.includes(gatewayPaymentId)) return accept([], { taken: false });
    if (state.status === 'open' && amount === state.amount)
      return accept([{ type: 'PaymentCaptured', orderId, gatewayPaymentId, amount, gatewayAt }], { taken: true });
    const why = state.status === 'captured' ? 'duplicate' : 'wrong-amount';
    const refundId = extraRefundId(state.id, state.extras.length);
    return accept(
      [
        { type: 'ExtraCaptureSeen', gatewayPaymentId, amount, why },
        { type: 'RefundRequested', orderId, refundId, gatewayPaymentId, amount, reason: why },
      ],
      { taken: false },
    );
  },

  recordCollection(state, { amount }, now) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    if (state.status === 'captured') return accept([], null);
    const { id, orderId } = state;
    return accept([{ type: 'PaymentCaptured', orderId, gatewayPaymentId: `cash_${id}`, amount, gatewayAt: now }], null);
  },

  recordFailure(state, { gatewayPaymentId, code, description }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    if (state.status === 'captured' || state.attempts.includes(gatewayPaymentId)) return accept([], null);
    const { orderId } = state;
    return accept([{ type: 'PaymentAttemptFailed', orderId, gatewayPaymentId, code, description }], null);
  },

  requestRefund(state, { refundId, amount, reason }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    const earlier = refundOf(state, refundId);
    if (earlier && earlier.status !== 'failed') return accept([], null);
    if (state.status === 'open') return reject({ type: 'nothing-to-refund', refundable: paise(0) });
    const { orderId, capture } = state;
    // The same refund again, not another one: for the amount it had.
    const refundable = earlier ? earlier.amount : refundableOf(state);
    if (amount <= 0 || amount > refundable || (earlier && amount !== earlier.amount))
      return reject({ type: 'nothing-to-refund', refundable });
    const gatewayPaymentId = earlier?.gatewayPaymentId ?? capture.gatewayPaymentId;
    return accept([{ type: 'RefundRequested', orderId, refundId, gatewayPaymentId, amount, reason }], null);
  },

  recordRefund(state, { refundId, gatewayRefundId }) {
    const refund = refundOf(state, refundId);
    if (state.status === 'none' || !refund) return reject({ type: 'unknown-refund' });
    if (refund.status === 'processed') return accept([], null);
    const { orderId } = state;
    return accept([{ type: 'RefundProcessed', orderId, refundId, gatewayRefundId, amount: refund.amount }], null);
  },

  /** A refund that was processed stays so, whatever comes later and out of order. */
  recordRefundFailure(state, { refundId, reason }) {
    const refund = refundOf(state, refundId);
    if (state.status === 'none' || !refund) return reject({ type: 'unknown-refund' });
    if (refund.status !== 'requested') return accept([], null);
    return accept([{ type: 'RefundFailed', orderId: state.orderId, refundId, reason }], null);
  },
};

/** The payment's own id with the number of the extra capture in its last digits: no two alike, and no randomness here. */
function extraRefundId(id: PaymentId, nth: number): RefundId {
  const digits = nth.toString(16).padStart(4, '0');
  return `rfd_${id.slice(id.indexOf('_') + 1, -digits.length)}${digits}` as RefundId;
}

/** The first offer stands: the customer may be on its page already. */
function attach(
  state: OpenedPayment,
  offer: { readonly gatewayOrderId?: string; readonly paymentUrl?: string },
): readonly PaymentEvent[] {
  const { gatewayOrderId, paymentUrl } = offer;
  if (state.offer || gatewayOrderId === undefined || paymentUrl === undefined) return [];
  return [{ type: 'GatewayOrderAttached', gatewayOrderId, paymentUrl }];
}

const refundOf = (state: PaymentState, refundId: Refund['refundId']): Refund | undefined =>
  state.status === 'none' ? undefined : state.refunds.find((refund) => refund.refundId === refundId);

/** A failed refund still counts: it may succeed late, or be asked for again. */
function refundableOf(state: Extract<PaymentState, { status: 'captured' }>) {
  const { capture, refunds } = state;
  let left: number = capture.amount;
  for (const refund of refunds) if (refund.gatewayPaymentId === capture.gatewayPaymentId) left -= refund.amount;
  return paise(left);
}
