/** What the process managers work with, given by the composition root. */
import type { Actors } from '../clients.ts';
import type { Instant, OrderId } from '../ids.ts';
import type { OrderEvent, PlacedOrder } from '../order/order.ts';
import type { Reaction } from '../runtime/reactor.ts';
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

export async function placedOrder(actors: Actors, orderId: OrderId): Promise<PlacedOrder> {
  const { view } = await actors.order.read(orderId);
  if (view.status === 'NONE') throw new Unsettled(`${orderId} has events but no state`);
  return view;
}
