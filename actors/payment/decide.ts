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

  recordAuthorisation(state, { gatewayPaymentId, amount, gatewayAt, expiresAt, gateway }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    const { orderId } = state;
    const from = fromOther(state, gateway);
    // It may have gone further than its first notice, which comes late or again.
    if (isOf(state, gatewayPaymentId)) return accept([], { taken: true });
    if (state.extras.includes(gatewayPaymentId) || state.letGo?.includes(gatewayPaymentId))
      return accept([], { taken: false });
    if (state.status === 'open' && amount === state.amount) {
      const promised = { gatewayPaymentId, amount, gatewayAt, expiresAt, ...from };
      return accept([{ type: 'PaymentAuthorised', orderId, ...promised }], { taken: true });
    }
    const reason = state.status === 'open' ? 'wrong-amount' : 'duplicate';
    return accept([{ type: 'VoidRequested', orderId, gatewayPaymentId, reason, ...from }], { taken: false });
  },

  recordVoid(state, { gatewayPaymentId }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    if (state.status !== 'authorised' || state.authorisation.gatewayPaymentId !== gatewayPaymentId)
      return accept([], null);
    return accept([{ type: 'PaymentVoided', orderId: state.orderId, gatewayPaymentId }], null);
  },

  requestCapture(state, { amount }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    if (state.status === 'captured') return accept([], null);
    if (state.status !== 'authorised' || state.ending?.as === 'void' || amount <= 0 || amount > state.amount)
      return reject({ type: 'nothing-promised', status: state.status });
    if (state.ending !== null) return accept([], null);
    const { orderId, authorisation } = state;
    const { gatewayPaymentId } = authorisation;
    return accept([{ type: 'CaptureRequested', orderId, gatewayPaymentId, amount }], null);
  },

  requestVoid(state, { reason }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    if (state.status === 'voided') return accept([], null);
    if (state.status !== 'authorised' || state.ending?.as === 'capture')
      return reject({ type: 'nothing-promised', status: state.status });
    if (state.ending !== null) return accept([], null);
    const { orderId, authorisation } = state;
    return accept([{ type: 'VoidRequested', orderId, gatewayPaymentId: authorisation.gatewayPaymentId, reason }], null);
  },

  recordCapture(state, { gatewayPaymentId, amount, gatewayAt, gateway }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    const { orderId } = state;
    const from = fromOther(state, gateway);
    if (state.status === 'captured' && state.capture.gatewayPaymentId === gatewayPaymentId)
      return accept([], { taken: true });
    if (state.extras.includes(gatewayPaymentId)) return accept([], { taken: false });
    if (amount === expected(state, gatewayPaymentId))
      return accept([{ type: 'PaymentCaptured', orderId, gatewayPaymentId, amount, gatewayAt, ...from }], {
        taken: true,
      });
    const why = state.status === 'captured' ? 'duplicate' : 'wrong-amount';
    const refundId = extraRefundId(state.id, state.extras.length);
    return accept(
      [
        { type: 'ExtraCaptureSeen', gatewayPaymentId, amount, why, ...from },
        { type: 'RefundRequested', orderId, refundId, gatewayPaymentId, amount, reason: why, ...from },
      ],
      { taken: false },
    );
  },

  recordCollection(state, { amount }, now) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    if (state.status !== 'open') return accept([], null);
    const { id, orderId } = state;
    return accept([{ type: 'PaymentCaptured', orderId, gatewayPaymentId: `cash_${id}`, amount, gatewayAt: now }], null);
  },

  recordFailure(state, { gatewayPaymentId, code, description }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    if (state.status !== 'open' || state.attempts.includes(gatewayPaymentId)) return accept([], null);
    const { orderId } = state;
    return accept([{ type: 'PaymentAttemptFailed', orderId, gatewayPaymentId, code, description }], null);
  },

  requestRefund(state, { refundId, amount, reason }) {
    if (state.status === 'none') return reject({ type: 'unknown-payment' });
    const earlier = refundOf(state, refundId);
    if (earlier && earlier.status !== 'failed') return accept([], null);
    if (state.status !== 'captured') return reject({ type: 'nothing-to-refund', refundable: paise(0) });
    const { orderId, capture } = state;
    // The same refund again, not another one: for the amount it had.
    const refundable = earlier ? earlier.amount : refundableOf(state);
    if (amount <= 0 || amount > refundable || (earlier && amount !== earlier.amount))
      return reject({ type: 'nothing-to-refund', refundable });
    const { gatewayPaymentId, gateway } = earlier ?? capture;
    const from = gateway === undefined ? {} : { gateway };
    return accept([{ type: 'RefundRequested', orderId, refundId, gatewayPaymentId, amount, reason, ...from }], null);
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
  offer: Pick<Extract<PaymentEvent, { type: 'PaymentOpened' }>, 'gatewayOrderId' | 'paymentUrl' | 'tries'> & {
    readonly gateway?: string;
  },
): readonly PaymentEvent[] {
  const { gatewayOrderId, paymentUrl, gateway, tries } = offer;
  if (state.offer || gatewayOrderId === undefined || paymentUrl === undefined) return [];
  const tried = tries === undefined ? {} : { tries };
  return [{ type: 'GatewayOrderAttached', gatewayOrderId, paymentUrl, ...fromOther(state, gateway), ...tried }];
}

/** Nothing, of the payment's own gateway. */
const fromOther = ({ gateway: own }: OpenedPayment, gateway: string | undefined): { readonly gateway?: string } =>
  gateway === undefined || gateway === own ? {} : { gateway };

/** The promise, or the money, that the payment stands on. */
const isOf = (state: OpenedPayment, gatewayPaymentId: string): boolean =>
  ('authorisation' in state && state.authorisation.gatewayPaymentId === gatewayPaymentId) ||
  (state.status === 'captured' && state.capture.gatewayPaymentId === gatewayPaymentId);

/**
 * What a capture must be of to be taken; undefined: none is. A promise that is taken without our asking is taken whole. One
 * that was let go too late, or without us, may have been taken all the same: it is not refused, or its money would be nobody's.
 */
function expected(state: OpenedPayment, gatewayPaymentId: string): number | undefined {
  if (state.status === 'open') return state.amount;
  if (state.status === 'captured' || state.authorisation.gatewayPaymentId !== gatewayPaymentId) return undefined;
  return state.status === 'authorised' && state.ending?.as === 'capture' ? state.ending.amount : state.amount;
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
