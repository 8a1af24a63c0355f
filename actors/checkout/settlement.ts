/**
 * Settlement: what the payment says, told to the order. (What is to be given back, asked of the gateway: refunds.ts.)
 *
 * The payment actor has taken each fact once already, so a repeat here meets a command id or a state that knows it.
 */
import { idFrom } from '../../config/ids.ts';
import type { PaymentId } from '../ids.ts';
import type { PaymentEvent } from '../payment/payment.ts';
import { type Reactor, RetryAt } from '../runtime/reactor.ts';
import { type CheckoutDependencies, openedPayment, Unsettled } from './dependencies.ts';

/** The order is still being reserved: a moment later it knows what the payment is for. */
const TOO_EARLY_MS = 500;

export function settlementReactor(deps: Omit<CheckoutDependencies, 'reservations'>): Reactor<PaymentEvent, PaymentId> {
  const { actors, clock } = deps;

  return {
    name: 'settlement',
    kind: 'payment',
    on: {
      async PaymentCaptured({ id, event, at, commandId }) {
        const { orderId, amount } = event;
        const told = await actors.order(orderId).recordPayment({ paymentId: id }, { commandId: commandId('paid') });
        if (told.ok) return;
        const { status } = told.rejection;
        if (status === 'CREATED') throw new RetryAt(clock() + TOO_EARLY_MS, `${orderId} is still being reserved`);
        // Too late, or never wanted: the money goes back whole.
        const refundId = idFrom('rfd', `${id}:not-wanted`, at);
        const asked = await actors
          .payment(id)
          .requestRefund({ refundId, amount, reason: 'payment-not-wanted' }, { commandId: commandId('refund') });
        if (!asked.ok)
          throw new Unsettled(`${id} took ${amount} paise that ${orderId} does not want: ${asked.rejection.type}`);
      },

      async PaymentAuthorised({ id, event, commandId }) {
        const { orderId } = event;
        const told = await actors
          .order(orderId)
          .recordAuthorisation({ paymentId: id }, { commandId: commandId('promised') });
        if (told.ok) return;
        const { status } = told.rejection;
        if (status === 'CREATED') throw new RetryAt(clock() + TOO_EARLY_MS, `${orderId} is still being reserved`);
        // Refused if it was taken or let go meanwhile, which has its own event.
        await actors.payment(id).requestVoid({ reason: 'payment-not-wanted' }, { commandId: commandId('void') });
      },

      /** By us, because the order ended; or by the lender, and then the order is not paid for any more. */
      async PaymentVoided({ id, event, commandId }) {
        const { orderId } = event;
        const { view: order } = await actors.order.read(orderId);
        if (order.status !== 'CONFIRMED' && order.status !== 'PROCESSING') return;
        if (order.payment.id !== id) return;
        const cancellationId = `voided-${id}`;
        const cancellation = { cancellationId, reason: 'The lender took its promise back', by: 'ops' as const };
        // Refused if it was shipped meanwhile: what is delivered and cannot be taken is for a human being.
        await actors.order(orderId).cancel(cancellation, { commandId: commandId('cancel') });
      },

      async PaymentAttemptFailed({ id, event, commandId }) {
        const { orderId, code } = event;
        const told = await actors
          .order(orderId)
          .recordPaymentFailure({ reason: code, paymentId: id }, { commandId: commandId('failed') });
        if (told.ok || told.rejection.from !== 'CREATED') return; // Moot: paid by another attempt, or ended.
        throw new RetryAt(clock() + TOO_EARLY_MS, `${orderId} is still being reserved`);
      },

      async RefundProcessed({ id, event, version, commandId }) {
        const { orderId, refundId, amount } = event;
        const payment = await openedPayment(deps, id, version);
        const refund = payment.refunds.find((candidate) => candidate.refundId === refundId);
        // Money that came twice or in the wrong amount never was the order's, nor is its way back.
        if (!refund || refund.gatewayPaymentId !== payment.capture?.gatewayPaymentId) return;
        await actors
          .order(orderId)
          .recordRefund({ refundId, amount, paymentId: id }, { commandId: commandId('refunded') });
      },
    },
  };
}
