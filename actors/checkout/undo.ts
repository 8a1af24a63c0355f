/** Giving back: stock and money. Each step may be repeated, and any of them may be the last that a run gets to. */
import { idFrom } from '../../config/ids.ts';
import type { Actors } from '../clients.ts';
import type { OrderId, Paise, Sku } from '../ids.ts';
import type { OrderEvent, PlacedOrder } from '../order/order.ts';
import type { Reaction } from '../runtime/reactor.ts';
import { type CheckoutDependencies, Unsettled } from './dependencies.ts';
import { together } from './together.ts';

export const skusOf = (order: PlacedOrder): readonly Sku[] => order.lines.map(({ sku }) => sku);

/** With fresh command ids: see checkout.ts. */
export async function releaseAll(actors: Actors, orderId: OrderId, skus: readonly Sku[]): Promise<void> {
  await together(skus, (sku) => actors.sku(sku).release({ orderId }));
}

/** Sold units come back to where they were taken from. `reference` makes it once per line. */
export async function giveBack(
  { actors }: CheckoutDependencies,
  { id, commandId }: Reaction<OrderEvent, OrderId>,
  order: PlacedOrder,
  skus: readonly Sku[],
  reference: string,
): Promise<void> {
  await together(skus, (sku) => {
    const allocations = order.allocations[sku] ?? [];
    return actors.sku(sku).restock({ orderId: id, reference, allocations }, { commandId: commandId(`restock-${sku}`) });
  });
}

/** The refund's id comes from the event, so that a repeat asks for the same refund. */
export async function refund(
  { actors }: CheckoutDependencies,
  { id, version, at, commandId }: Reaction<OrderEvent, OrderId>,
  order: PlacedOrder,
  amount: Paise,
  reason: string,
): Promise<void> {
  if (amount === 0) return;
  const refundId = idFrom('rfd', `${id}:${version}`, at);
  const asked = await actors
    .payment(order.payment.id)
    .requestRefund({ refundId, amount, reason }, { commandId: commandId('refund') });
  if (!asked.ok) throw new Unsettled(`${id} owes a refund of ${amount} paise: ${asked.rejection.type}`);
}
