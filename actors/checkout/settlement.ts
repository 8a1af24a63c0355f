/**
 * Settlement: what the payment says, told to the order; and what is to be given back, asked of the gateway.
 *
 * The payment actor has taken each fact once already, so a repeat here meets a command id or a state that knows it.
 * Refunds are asked for until the gateway answers: its refund id is ours, so it makes one of them.
 */
import { idFrom } from '../../config/ids.ts';
import type { PaymentId } from '../ids.ts';
import type { PaymentEvent, PaymentView } from '../payment/payment.ts';
import { type Reactor, RetryAt } from '../runtime/reactor.ts';
import { type CheckoutDependencies, gatewayNamed, Unsettled } from './dependencies.ts';
import { GatewayError } from './ports.ts';

/** The order is still being reserved: a moment later it knows what the payment is for. */
const TOO_EARLY_MS = 500;
const REFUND_RETRY_MS = 30_000;

type Opened = Exclude<PaymentView, { status: 'none' }>;

export function settlementReactor(deps: Omit<CheckoutDependencies, 'reservations'>): Reactor<PaymentEvent, PaymentId> {
  const { actors, gateways, clock } = deps;

  async function opened(id: PaymentId): Promise<Opened> {
    const { view } = await actors.payment.read(id);
    if (view.status === 'none') throw new Unsettled(`${id} has events but no state`);
    return view;
  }

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

      async PaymentAttemptFailed({ event, commandId }) {
        const { orderId, code } = event;
        const told = await actors
          .order(orderId)
          .recordPaymentFailure({ reason: code }, { commandId: commandId('failed') });
        if (told.ok || told.rejection.from !== 'CREATED') return; // Moot: paid by another attempt, or ended.
        throw new RetryAt(clock() + TOO_EARLY_MS, `${orderId} is still being reserved`);
      },

      async RefundRequested({ id, event, commandId }) {
        const { refundId, gatewayPaymentId, amount, reason } = event;
        const payment = await opened(id);
        if (payment.refunds.find((refund) => refund.refundId === refundId)?.status !== 'requested') return;
        const gateway = gatewayNamed(gateways, payment.gateway);
        try {
          const { gatewayRefundId, status } = await gateway.refund({
            paymentId: id,
            refundId,
            gatewayPaymentId,
            amount,
            reason,
          });
          // `requested`: the gateway's own notice will say how it ended.
          if (status === 'processed')
            await actors.payment(id).recordRefund({ refundId, gatewayRefundId }, { commandId: commandId('processed') });
        } catch (error) {
          if (!(error instanceof GatewayError)) throw error;
          if (error.retryable)
            throw new RetryAt(clock() + REFUND_RETRY_MS, `${gateway.name} did not take refund ${refundId}`);
          await actors
            .payment(id)
            .recordRefundFailure({ refundId, reason: error.code }, { commandId: commandId('refused') });
        }
      },

      async RefundProcessed({ id, event, commandId }) {
        const { orderId, refundId, amount } = event;
        const payment = await opened(id);
        const refund = payment.refunds.find((candidate) => candidate.refundId === refundId);
        // Money that came twice or in the wrong amount never was the order's, nor is its way back.
        if (!refund || refund.gatewayPaymentId !== payment.capture?.gatewayPaymentId) return;
        await actors.order(orderId).recordRefund({ refundId, amount }, { commandId: commandId('refunded') });
      },
    },
  };
}
