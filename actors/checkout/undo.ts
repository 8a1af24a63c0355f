/** Giving back: stock and money. Each step may be repeated, and any of them may be the last that a run gets to. */
import { idFrom } from '../../config/ids.ts';
import type { Actors } from '../clients.ts';
import { type OrderId, type Paise, paise, type Sku, type UserId } from '../ids.ts';
import type { OrderEvent, OrderLine, PlacedOrder } from '../order/order.ts';
import type { Reaction } from '../runtime/reactor.ts';
import { cameBack } from './buckets/came-back.ts';
import { type CheckoutDependencies, Unsettled } from './dependencies.ts';
import type { LimitedOffer } from './offers/claims.ts';
import { together } from './together.ts';

/** Where a line's units are. */
export const ledgerOf = ({ sku, ledger }: Pick<OrderLine, 'sku' | 'ledger'>): Sku => ledger ?? sku;

/** In a bucket it is counted who has how much. */
export const countedFor = ({ ledger }: Pick<OrderLine, 'ledger'>, customer: UserId): { readonly customer?: UserId } =>
  ledger === undefined ? {} : { customer };

/** Those of its offers that are counted. */
export const limitedOffers = ({ offers = [] }: PlacedOrder): readonly LimitedOffer[] =>
  offers.filter(({ limited }) => limited).map(({ id, goods, shipping }) => ({ id, amount: paise(goods + shipping) }));

const linesOf = ({ lines }: PlacedOrder, skus: readonly Sku[]): readonly OrderLine[] =>
  lines.filter(({ sku }) => skus.includes(sku));

/** With fresh command ids: see checkout.ts. */
export async function releaseAll(
  actors: Actors,
  orderId: OrderId,
  order: PlacedOrder,
  skus: readonly Sku[] = order.lines.map(({ sku }) => sku),
): Promise<void> {
  await together(linesOf(order, skus), async (line) => {
    await actors.sku(ledgerOf(line)).release({ orderId });
    await cameBack(actors, ledgerOf(line));
  });
}

/** Sold units come back to where they were taken from. `reference` makes it once per line. */
export async function giveBack(
  { actors }: CheckoutDependencies,
  { id, commandId }: Reaction<OrderEvent, OrderId>,
  order: PlacedOrder,
  skus: readonly Sku[],
  reference: string,
): Promise<void> {
  await together(linesOf(order, skus), async (line) => {
    const { sku } = line;
    const allocations = order.allocations[sku] ?? [];
    const back = { orderId: id, reference, allocations, ...countedFor(line, order.userId) };
    await actors.sku(ledgerOf(line)).restock(back, { commandId: commandId(`restock-${sku}`) });
    await cameBack(actors, ledgerOf(line));
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
