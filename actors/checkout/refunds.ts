/**
 * What is asked of gateways about money that they hold, until they answer: to give it back, to take what they have promised,
 * to let a promise go. They know each by our id, so they do it once. A reactor of its own, so that what waits for a gateway
 * never holds up payments that come in.
 */
import type { OrderId, PaymentId } from '../ids.ts';
import type { PaymentEvent } from '../payment/payment.ts';
import { type Reactor, RetryAt } from '../runtime/reactor.ts';
import { type CheckoutDependencies, gatewayNamed, openedPayment, Unsettled } from './dependencies.ts';
import { nextLateLook } from './payments/look.ts';
import { recordNotice } from './payments/notices.ts';
import { GatewayError, type PaymentGateway } from './ports.ts';

/**
 * As long again as it has waited so far, give or take a half: soon after a hiccup, rarely in an outage, whose refunds come
 * back spread out.
 */
const RETRY_MS = { soonest: 1_000, latest: 30_000 };
export const pauseAfter = (waitedMs: number, random: () => number = Math.random): number =>
  Math.min(RETRY_MS.latest, Math.max(RETRY_MS.soonest, waitedMs)) * (0.5 + random());

export function refundsReactor(deps: CheckoutDependencies): Reactor<PaymentEvent, PaymentId> {
  const { actors, gateways, reservations, clock } = deps;

  /** `refused`: it will not, whatever is asked again. */
  async function asked<T>(what: string, since: number, ask: () => Promise<T>): Promise<T | GatewayError> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      if (error.retryable) throw new RetryAt(clock() + pauseAfter(clock() - since), what);
      return error;
    }
  }

  /** It would not do it: something else has become of it, which it can tell. What is still a promise then is for a human being. */
  async function lookAgain(id: PaymentId, gateway: PaymentGateway, refusal: GatewayError): Promise<void> {
    const { view } = await actors.payment.read(id);
    if (gateway.status !== undefined && view.status !== 'none' && view.gatewayOrderId !== undefined) {
      for (const notice of await gateway.status({ paymentId: id, gatewayOrderId: view.gatewayOrderId }))
        await recordNotice(actors, notice, gateway.name);
    }
    const { view: now } = await actors.payment.read(id);
    if (now.status === 'authorised') throw new Unsettled(`${gateway.name} and ${id}: ${refusal.message}`);
  }

  /** The gateway's own notice will say how a refund ended; or it is asked. An order that waits to be paid is woken anyway. */
  async function lookLater(orderId: OrderId): Promise<void> {
    const { view: order } = await actors.order.read(orderId);
    if (order.status === 'NONE' || order.status === 'PAYMENT_PENDING' || order.status === 'PAYMENT_FAILED') return;
    const look = nextLateLook(deps, orderId, order, clock());
    if (look !== undefined) await reservations.keep(orderId, look);
  }

  return {
    name: 'refunds',
    kind: 'payment',
    on: {
      async RefundRequested({ id, event, at, version, commandId }) {
        const { refundId, gatewayPaymentId, amount, reason } = event;
        const payment = await openedPayment(deps, id, version);
        if (payment.refunds.find((refund) => refund.refundId === refundId)?.status !== 'requested') return;
        const gateway = gatewayNamed(gateways, event.gateway ?? payment.gateway);
        const answer = await asked(`${gateway.name} did not take refund ${refundId}`, at, () =>
          gateway.refund({ paymentId: id, refundId, gatewayPaymentId, amount, reason }),
        );
        if (answer instanceof GatewayError) {
          const refusal = { refundId, reason: answer.code };
          await actors.payment(id).recordRefundFailure(refusal, { commandId: commandId('refused') });
          return;
        }
        const { gatewayRefundId, status } = answer;
        if (status === 'processed')
          await actors.payment(id).recordRefund({ refundId, gatewayRefundId }, { commandId: commandId('processed') });
        else await lookLater(payment.orderId);
      },

      async CaptureRequested({ id, event, at, version }) {
        const { gatewayPaymentId, amount } = event;
        const payment = await openedPayment(deps, id, version);
        if (payment.status !== 'authorised') return;
        const gateway = gatewayNamed(gateways, payment.authorisation?.gateway ?? payment.gateway);
        const { capture } = gateway;
        if (capture === undefined) throw new Unsettled(`${gateway.name} takes no promise`);
        const answer = await asked(`${gateway.name} did not take ${id}`, at, () =>
          capture({ paymentId: id, gatewayPaymentId, amount }),
        );
        if (answer instanceof GatewayError) return lookAgain(id, gateway, answer);
        const captured = { type: 'captured' as const, paymentId: id, gatewayPaymentId, amount, gatewayAt: clock() };
        await recordNotice(actors, captured, gateway.name);
      },

      async VoidRequested({ id, event, at, version }) {
        const { gatewayPaymentId } = event;
        const payment = await openedPayment(deps, id, version);
        const isOwn = payment.authorisation?.gatewayPaymentId === gatewayPaymentId;
        if (isOwn && payment.status !== 'authorised') return;
        const from = isOwn ? payment.authorisation?.gateway : event.gateway;
        const gateway = gatewayNamed(gateways, from ?? payment.gateway);
        const letGo = gateway.void;
        if (letGo === undefined) throw new Unsettled(`${gateway.name} lets no promise go`);
        const answer = await asked(`${gateway.name} did not let ${id} go`, at, () =>
          letGo({ paymentId: id, gatewayPaymentId }),
        );
        if (answer instanceof GatewayError) return lookAgain(id, gateway, answer);
        await recordNotice(actors, { type: 'voided', paymentId: id, gatewayPaymentId }, gateway.name);
      },
    },
  };
}
