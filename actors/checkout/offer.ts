/**
 * Where the customer pays: the page of the first gateway that answers, at once if one does, else as soon as it does. The
 * waiting is a reactor of its own, with its own consumer: when gateways are away, the orders that wait for them take up its
 * room, not checkout's, and everybody else goes on buying.
 */

import { DECLARED_GATEWAYS } from '../../stores/payments/routes/declared.ts';
import { openPayment } from '../../stores/payments/routes/open-payment.ts';
import type { Instant, OrderId, UserId } from '../ids.ts';
import type { OrderEvent, PaymentAttempt, PlacedOrder } from '../order/order.ts';
import type { GatewayTry } from '../payment/payment.ts';
import { type Reactor, RetryAt } from '../runtime/reactor.ts';
import { type CheckoutDependencies, gatewayNamed, placedOrder, type ReactionTo } from './dependencies.ts';
import type { GatewayOrder, PayingCustomer } from './ports.ts';

/** How soon gateways are asked again for a payment page. */
const OFFER_RETRY_MS = 1_000;
/** No other gateway is tried after it. */
const OPEN_WITHIN_MS = 5_000;

/** What the gateways say to a request for a payment page, and which of them said no before. `none`: it needs no page. */
export type Opened = { readonly tries: readonly GatewayTry[] } & (
  | { readonly as: 'page'; readonly page: GatewayOrder; readonly gateway: string }
  | { readonly as: 'later' | 'never' | 'none' }
);

export async function openAt(
  { gateways }: CheckoutDependencies,
  orderId: OrderId,
  order: PlacedOrder,
  attempt: PaymentAttempt = order.payment,
): Promise<Opened> {
  const { id: paymentId, method, gateway } = attempt;
  if (gatewayNamed(gateways, gateway).settles === 'on-delivery') return { as: 'none', tries: [] };
  const asked = { paymentId, orderId, amount: order.totals.total, method, customer: customerOf(order) };
  const { taken, tries } = await openPayment(asked, {
    declared: DECLARED_GATEWAYS,
    gateways,
    withinMs: OPEN_WITHIN_MS,
  });
  const failed = tries.flatMap((one) => (one.ended === 'opened' ? [] : { gateway: one.gateway, why: one.ended }));
  if (taken?.order !== undefined) return { as: 'page', page: taken.order, gateway: taken.gateway, tries: failed };
  if (taken !== undefined) return { as: 'none', tries: failed };
  return { as: tries.some((one) => 'retryable' in one && one.retryable) ? 'later' : 'never', tries: failed };
}

/** Of an Indian phone the ten digits. */
const customerOf = ({ shippingAddress: { name, phone } }: PlacedOrder): PayingCustomer => ({
  name,
  phone: phone.replace(/^\+91/, ''),
});

/** As the order records it: the gateway only where it is another than was meant. */
export const pageOf = (meant: PaymentAttempt, opened: Opened) =>
  opened.as === 'page'
    ? { ...opened.page, ...(opened.gateway === meant.gateway ? {} : { gateway: opened.gateway }) }
    : {};

/** As the payment records it. */
export const paymentOf = (
  orderId: OrderId,
  userId: UserId,
  { totals }: PlacedOrder,
  { method, gateway }: PaymentAttempt,
  opened: Opened,
) => ({
  orderId,
  userId,
  amount: totals.total,
  method,
  gateway: opened.as === 'page' ? opened.gateway : gateway,
  ...(opened.as === 'page' ? opened.page : {}),
  ...triesOf(opened),
});

const triesOf = ({ tries }: Opened) => (tries.length === 0 ? {} : { tries });

export const lateOffersReactor = (deps: CheckoutDependencies): Reactor<OrderEvent, OrderId> => ({
  name: 'late-offers',
  kind: 'order',
  on: {
    OrderReserved: (reaction) => offerLate(deps, reaction),
    PaymentRetried: (reaction) => offerAgain(deps, reaction),
  },
});

/** Not counted as a failure: gateways are asked until one answers or the reservation is over. */
async function offerLate(
  deps: CheckoutDependencies,
  { id, event, version, commandId }: ReactionTo<'OrderReserved'>,
): Promise<void> {
  const { gateways, clock } = deps;
  if (event.gatewayOrderId !== undefined) return;
  const order = await placedOrder(deps, id, version);
  // A retry would make another payment the order's: this handler is about the first.
  const { payment, otherPayments: [first = payment] = [] } = order;
  if (gatewayNamed(gateways, first.gateway).settles === 'on-delivery') return;
  if (order.status !== 'PAYMENT_PENDING' || first !== payment || payment.gatewayOrderId !== undefined) return;
  const opened = await openAt(deps, id, order);
  if (opened.as === 'later') throw notYet(clock(), payment, opened);
  if (opened.as === 'never') return refused(deps, id, payment, commandId('refused'));
  if (opened.as === 'page') await offer(deps, id, payment, opened, commandId);
}

/** Another try of the customer: another payment, with its own page. */
async function offerAgain(
  deps: CheckoutDependencies,
  { id, event, version, commandId }: ReactionTo<'PaymentRetried'>,
): Promise<void> {
  const { actors, clock } = deps;
  const order = await placedOrder(deps, id, version);
  const { payment } = order;
  // Before any gateway knows of it: money that comes for it finds a payment, whatever becomes of this run.
  const { method, gateway: meant } = event.payment;
  await actors
    .payment(event.payment.id)
    .open(
      { orderId: id, userId: order.userId, amount: order.totals.total, method, gateway: meant },
      { commandId: commandId('open') },
    );
  // Tried once more meanwhile, paid by an earlier page, or over.
  if (order.status !== 'PAYMENT_PENDING' || payment.id !== event.payment.id) return;
  const opened = await openAt(deps, id, order);
  if (opened.as === 'later') throw notYet(clock(), payment, opened);
  if (opened.as !== 'page') return refused(deps, id, payment, commandId('refused'));
  await offer(deps, id, payment, opened, commandId);
}

const notYet = (now: Instant, { id }: PaymentAttempt, { tries }: Opened): RetryAt =>
  new RetryAt(now + OFFER_RETRY_MS, `nobody has opened ${id}: ${JSON.stringify(tries)}`);

async function offer(
  { actors }: CheckoutDependencies,
  id: OrderId,
  { id: paymentId }: PaymentAttempt,
  opened: Extract<Opened, { as: 'page' }>,
  commandId: (step: string) => string,
): Promise<void> {
  const { page, gateway } = opened;
  // The payment first: whoever sees the page may pay at once.
  const attached = { ...page, gateway, ...triesOf(opened) };
  await actors.payment(paymentId).attachGatewayOrder(attached, { commandId: commandId('attach') });
  // Refused if the order has ended meanwhile; a payment that comes all the same is refunded.
  await actors.order(id).offerPayment({ ...page, gateway, paymentId }, { commandId: commandId('offer') });
}

/** Refused in turn if the order has ended meanwhile: then there is nothing to fail. */
async function refused(
  { actors }: CheckoutDependencies,
  id: OrderId,
  { id: paymentId }: PaymentAttempt,
  commandId: string,
): Promise<void> {
  await actors.order(id).recordPaymentFailure({ reason: 'gateway-refused', paymentId }, { commandId });
}
