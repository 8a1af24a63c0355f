/**
 * What is to be given back, asked of the gateway until it answers: its refund is known by our id, so it makes one. A
 * reactor of its own, so that refunds that wait for a gateway never hold up payments that come in.
 */
import type { PaymentId } from '../ids.ts';
import type { PaymentEvent } from '../payment/payment.ts';
import { type Reactor, RetryAt } from '../runtime/reactor.ts';
import { type CheckoutDependencies, gatewayNamed, openedPayment } from './dependencies.ts';
import { GatewayError } from './ports.ts';

/** As long again as it has waited so far: soon after a hiccup, rarely in an outage, whose refunds come back spread out. */
const RETRY_MS = { soonest: 1_000, latest: 30_000 };
export const pauseAfter = (waitedMs: number): number => Math.min(RETRY_MS.latest, Math.max(RETRY_MS.soonest, waitedMs));

export function refundsReactor(deps: Omit<CheckoutDependencies, 'reservations'>): Reactor<PaymentEvent, PaymentId> {
  const { actors, gateways, clock } = deps;
  return {
    name: 'refunds',
    kind: 'payment',
    on: {
      async RefundRequested({ id, event, at, version, commandId }) {
        const { refundId, gatewayPaymentId, amount, reason } = event;
        const payment = await openedPayment(deps, id, version);
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
            throw new RetryAt(clock() + pauseAfter(clock() - at), `${gateway.name} did not take refund ${refundId}`);
          await actors
            .payment(id)
            .recordRefundFailure({ refundId, reason: error.code }, { commandId: commandId('refused') });
        }
      },
    },
  };
}
