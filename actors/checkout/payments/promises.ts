/** Money that a lender has promised: taken when the goods are delivered, let go when they are not. */
import { idFrom } from '../../../config/ids.ts';
import { type OrderId, type Paise, paise } from '../../ids.ts';
import type { PlacedOrder } from '../../order/order.ts';
import { RetryAt } from '../../runtime/reactor.ts';
import { type CheckoutDependencies, gatewayNamed, type ReactionTo, Unsettled } from '../dependencies.ts';

const CAPTURE_RETRY_MS = 1_000;

type Deps = Pick<CheckoutDependencies, 'actors' | 'gateways' | 'clock'>;

export const isPromised = ({ gateways }: Pick<Deps, 'gateways'>, { payment }: PlacedOrder): boolean =>
  gatewayNamed(gateways, payment.gateway).settles === 'on-capture';

/** So much was delivered; what was taken beyond that by a lender who was early goes back. */
export async function takePromised(
  { actors }: Deps,
  { id, version, at, commandId }: ReactionTo<'OrderDelivered'>,
  { payment }: PlacedOrder,
  amount: Paise,
): Promise<void> {
  const asked = await actors.payment(payment.id).requestCapture({ amount }, { commandId: commandId('capture') });
  if (!asked.ok) throw new Unsettled(`${id} is delivered, and ${payment.id} cannot be taken: ${asked.rejection.type}`);
  const { view } = await actors.payment.read(payment.id);
  if (view.status !== 'captured' || view.capture === undefined || view.capture.amount <= amount) return;
  const refundId = idFrom('rfd', `${id}:${version}`, at);
  const over = { refundId, amount: paise(view.capture.amount - amount), reason: 'not-delivered' };
  const back = await actors.payment(payment.id).requestRefund(over, { commandId: commandId('over') });
  if (!back.ok) throw new Unsettled(`${id} owes a refund of ${over.amount} paise: ${back.rejection.type}`);
}

/** Nothing of it will be delivered. */
export async function letGo(
  { actors }: Deps,
  { id, version, at, event, commandId }: ReactionTo<'OrderCancelled'>,
  { payment }: PlacedOrder,
): Promise<void> {
  const asked = await actors
    .payment(payment.id)
    .requestVoid({ reason: event.reason }, { commandId: commandId('let-go') });
  if (asked.ok) return;
  const { view } = await actors.payment.read(payment.id);
  if (view.status !== 'captured' || view.capture === undefined) return; // Never promised, or taken back by the lender.
  const refundId = idFrom('rfd', `${id}:${version}`, at);
  const back = await actors
    .payment(payment.id)
    .requestRefund(
      { refundId, amount: view.capture.amount, reason: event.reason },
      { commandId: commandId('let-go-refund') },
    );
  if (!back.ok) throw new Unsettled(`${id} owes a refund of ${view.capture.amount} paise: ${back.rejection.type}`);
}

/** Goods come back before their money was taken: a moment later there is something to give back. */
export async function untilTaken({ actors, clock }: Deps, orderId: OrderId, { payment }: PlacedOrder): Promise<void> {
  const { view } = await actors.payment.read(payment.id);
  if (view.status === 'authorised' && view.ending === 'capture')
    throw new RetryAt(clock() + CAPTURE_RETRY_MS, `${orderId} is paid for by ${payment.id}, which is being taken`);
}
