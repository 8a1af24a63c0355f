/** Another try to pay an order, in the same way or in another: while its stock is held. */
import type { OrderId, PaymentId } from '../../actors/ids.ts';
import type { OrderView } from '../../actors/order/order.ts';
import type { Read } from '../../actors/runtime/envelope.ts';
import { idFrom } from '../../config/ids.ts';
import { gatewayMeant } from '../../stores/payments/routes/meant.ts';
import type { GatewayDeps } from '../deps.ts';
import { order, orderDocument, orderParams, paymentRetry } from '../documents/orders.ts';
import { answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { versionTag } from '../http/entity-tag.ts';
import { refuse } from '../problems.ts';
import { refusalOf } from '../refusals.ts';
import { mayRead } from './orders.ts';

type Parts = Pick<GatewayDeps, 'actors' | 'gateways' | 'settings'>;

/** A gateway is given so long to answer; after that the page comes with the order's events. */
const OPEN_TIMEOUT_MS = 8_000;

export function paymentRoutes({ actors, gateways, settings }: Parts): readonly Endpoint[] {
  const timeoutMs = settings.checkoutTimeoutMs ?? OPEN_TIMEOUT_MS;

  /** Until there is a page to pay at, or none will be: refused, paid by an earlier page, or over. */
  const opened = async (id: OrderId, paymentId: PaymentId): Promise<Read<OrderView>> => {
    const deadline = Date.now() + timeoutMs;
    for (let after = 0; ; ) {
      const left = deadline - Date.now();
      const read = await actors.order.watch(id, { after, timeoutMs: Math.max(1, left) });
      const { view } = read;
      const waits =
        view.status === 'PAYMENT_PENDING' && view.payment.id === paymentId && view.payment.paymentUrl === undefined;
      if (!waits || left <= 0) return read;
      after = read.version;
    }
  };

  return [
    endpoint({
      method: 'POST',
      path: '/api/orders/{id}/payments',
      tag: 'Payments',
      summary: 'Try to pay an order again',
      detail:
        'After a payment failed, or instead of one that was begun, while the order’s stock is held (`reservedUntil`); the ' +
        'total stands. Whichever try is paid first pays the order, what any other takes is refunded. Cash is chosen with the order.',
      access: 'signed-in',
      limit: 'checkout',
      priority: 'payment',
      idempotency: 'required',
      params: orderParams,
      body: paymentRetry,
      answers: {
        201: {
          description: 'The order; `payment.paymentUrl` is where to pay, null while no gateway has answered',
          schema: order,
          headers: ['ETag', 'Location', 'Idempotency-Replayed'],
        },
      },
      problems: [
        'invalid-transition',
        'too-many-attempts',
        'payment-method-unavailable',
        'payment-method-not-eligible',
      ],
      async handle({ params: { id }, body: { method }, principal, intent, options }) {
        const { view } = await actors.order.read(id);
        if (!mayRead(view, principal)) return refuse('not-found');
        const gateway = gatewayMeant(gateways, { method, amount: view.totals.total });
        if (gateway === undefined || gateway.settles === 'on-delivery')
          return refuse('payment-method-unavailable', { detail: method });
        const paymentId = idFrom('pay', intent.seed, intent.at);
        const payment = { id: paymentId, method, gateway: gateway.name };
        const retried = await actors
          .order(id)
          .retryPayment({ payment }, { ...options, commandId: `retry:${paymentId}` });
        if (!retried.ok) return refusalOf(retried.rejection);
        const now = await opened(id, paymentId);
        if (now.view.status === 'NONE') return refuse('not-found');
        return answer(201, orderDocument(id, now.view, now.version), {
          etag: versionTag(now.version),
          location: `/api/orders/${id}`,
        });
      },
    }),
  ];
}
