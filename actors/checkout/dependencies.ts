/** What the process managers work with, given by the composition root. */
import type { Actors } from '../clients.ts';
import type { Instant, OrderId, PaymentId } from '../ids.ts';
import type { OrderEvent, PlacedOrder } from '../order/order.ts';
import type { PaymentView } from '../payment/payment.ts';
import { type Reaction, RetryAt } from '../runtime/reactor.ts';
import type { PaymentGateway, Reservations } from './ports.ts';

export type CheckoutDependencies = {
  readonly actors: Actors;
  readonly reservations: Reservations;
  readonly gateways: readonly PaymentGateway[];
  readonly clock: () => Instant;
};

export type ReactionTo<T extends OrderEvent['type']> = Reaction<Extract<OrderEvent, { type: T }>, OrderId>;

/** The system is not as it must be, and asking again will not mend it: for the dead letters, and a human being. */
export class Unsettled extends Error {
  readonly code = 'unsettled';
  readonly retryable = false;
  constructor(what: string) {
    super(what);
    this.name = 'Unsettled';
  }
}

export function gatewayNamed(gateways: readonly PaymentGateway[], name: string): PaymentGateway {
  const gateway = gateways.find((candidate) => candidate.name === name);
  if (!gateway) throw new Unsettled(`no payment gateway is called ${name}`);
  return gateway;
}

/** A node that has lost an actor without knowing it may still answer for it: what it says is then older than the event. */
const STALE_RETRY_MS = 250;

/** The order, with `version` events at least. Throws RetryAt for an answer that is older. */
export async function placedOrder(
  { actors, clock }: Pick<CheckoutDependencies, 'actors' | 'clock'>,
  orderId: OrderId,
  version: number,
): Promise<PlacedOrder> {
  const read = await actors.order.read(orderId);
  if (read.version < version)
    throw new RetryAt(clock() + STALE_RETRY_MS, `${orderId} was read before event ${version}`);
  if (read.view.status === 'NONE') throw new Unsettled(`${orderId} has events but no state`);
  return read.view;
}

type Opened = Exclude<PaymentView, { status: 'none' }>;

/** The payment, likewise. */
export async function openedPayment(
  { actors, clock }: Pick<CheckoutDependencies, 'actors' | 'clock'>,
  paymentId: PaymentId,
  version: number,
): Promise<Opened> {
  const read = await actors.payment.read(paymentId);
  if (read.version < version)
    throw new RetryAt(clock() + STALE_RETRY_MS, `${paymentId} was read before event ${version}`);
  if (read.view.status === 'none') throw new Unsettled(`${paymentId} has events but no state`);
  return read.view;
}
