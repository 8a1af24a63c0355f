/**
 * Where the customer pays: the gateway's page, at once if it answers, else as soon as it does. The waiting is a reactor of
 * its own, with its own consumer: when the gateway is away, the orders that wait for it take up its room, not checkout's,
 * and everybody else goes on buying.
 */
import type { OrderId } from '../ids.ts';
import type { OrderEvent, PlacedOrder } from '../order/order.ts';
import { type Reactor, RetryAt } from '../runtime/reactor.ts';
import { type CheckoutDependencies, gatewayNamed, placedOrder, type ReactionTo } from './dependencies.ts';
import { GatewayError, type GatewayOrder } from './ports.ts';

/** How soon the gateway is asked again for a payment page. */
const OFFER_RETRY_MS = 1_000;

/** What the gateway says to a request for a payment page. undefined: it needs none. */
type Opened = GatewayOrder | 'later' | 'never' | undefined;

export async function openAt(
  { gateways }: CheckoutDependencies,
  orderId: OrderId,
  order: PlacedOrder,
): Promise<Opened> {
  const { id: paymentId, method, gateway: name } = order.payment;
  const gateway = gatewayNamed(gateways, name);
  if (gateway.settles === 'on-delivery') return undefined;
  try {
    return await gateway.open({ paymentId, orderId, amount: order.totals.total, method });
  } catch (error) {
    if (error instanceof GatewayError) return error.retryable ? 'later' : 'never';
    throw error;
  }
}

export const lateOffersReactor = (deps: CheckoutDependencies): Reactor<OrderEvent, OrderId> => ({
  name: 'late-offers',
  kind: 'order',
  on: { OrderReserved: (reaction) => offerLate(deps, reaction) },
});

/** Not counted as a failure: the gateway is asked until it answers or the reservation is over. */
async function offerLate(
  deps: CheckoutDependencies,
  { id, event, version, commandId }: ReactionTo<'OrderReserved'>,
): Promise<void> {
  const { actors, gateways, clock } = deps;
  if (event.gatewayOrderId !== undefined) return;
  const order = await placedOrder(deps, id, version);
  const gateway = gatewayNamed(gateways, order.payment.gateway);
  if (gateway.settles === 'on-delivery') return;
  if (order.status !== 'PAYMENT_PENDING' || order.payment.gatewayOrderId !== undefined) return;
  const opened = await openAt(deps, id, order);
  if (opened === 'later')
    throw new RetryAt(clock() + OFFER_RETRY_MS, `${gateway.name} has not opened ${order.payment.id}`);
  if (opened === 'never') {
    // Refused if the order has ended meanwhile: then there is nothing to fail.
    await actors.order(id).recordPaymentFailure({ reason: 'gateway-refused' }, { commandId: commandId('refused') });
    return;
  }
  if (opened === undefined) return;
  // The payment first: whoever sees the page may pay at once.
  await actors.payment(order.payment.id).attachGatewayOrder(opened, { commandId: commandId('attach') });
  // Refused if the order has ended meanwhile; a payment that comes all the same is refunded.
  await actors.order(id).offerPayment(opened, { commandId: commandId('offer') });
}
