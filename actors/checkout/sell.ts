/** A confirmed order's holds become sales. */
import type { Allocation } from '../sku/sku.ts';
import type { Refills } from './buckets/refills.ts';
import { type CheckoutDependencies, placedOrder, type ReactionTo } from './dependencies.ts';
import { confirmOffers } from './offers/claims.ts';
import { nextLateLook } from './payments/look.ts';
import { together } from './together.ts';
import { countedFor, ledgerOf, limitedOffers } from './undo.ts';

/** One is enough, unless others take what it brings. */
const REFILLS = 5;

export async function sell(
  deps: CheckoutDependencies,
  refills: Refills,
  { id, version, commandId }: ReactionTo<'OrderConfirmed'>,
): Promise<void> {
  const { actors, reservations } = deps;
  const order = await placedOrder(deps, id, version);
  const { pincode } = order.shippingAddress;
  const sales = await together(order.lines, async (line) => {
    const { sku, quantity } = line;
    const sale = { orderId: id, quantity, pincode, ...countedFor(line, order.userId) };
    const commit = () => actors.sku(ledgerOf(line)).commit(sale, { commandId: commandId(`commit-${sku}`) });
    let outcome = await commit();
    // Its hold had lapsed and is somebody else's: another bucket of the sale may have what this one has not.
    for (let tries = 0; !outcome.ok && line.ledger !== undefined && tries < REFILLS; tries++) {
      if (!(await refills.refill(line.ledger, quantity)).found) break;
      outcome = await commit();
    }
    return { sku, outcome };
  });
  const lost = sales.flatMap(({ sku, outcome }) => (outcome.ok ? [] : [sku]));
  // Every line has been tried by now, so the handler of the cancellation knows: all but the lost ones are sold.
  // Refused if somebody else has cancelled it meanwhile: their cancellation gives back the same.
  if (lost.length > 0) await actors.order(id).recordStockLost({ skus: lost }, { commandId: commandId('lost') });
  for (const { sku, outcome } of sales) {
    if (!outcome.ok || outcome.result.allocations.length === 0) continue;
    const { allocations } = outcome.result;
    if (!same(allocations, order.allocations[sku] ?? []))
      await actors.order(id).recordReallocation({ sku, allocations }, { commandId: commandId(`reallocate-${sku}`) });
  }
  // Of a claim that had run out, and of whose offer nothing is left: the order keeps what it was promised all the same.
  await confirmOffers(deps.actors, id, limitedOffers(order));
  // Another try to pay is open: if it is paid too, and nobody tells us, that money is looked for.
  const look = order.otherPayments === undefined ? undefined : nextLateLook(deps, id, order, deps.clock());
  if (look === undefined) await reservations.clear(id);
  else await reservations.keep(id, look);
}

const same = (a: readonly Allocation[], b: readonly Allocation[]): boolean =>
  a.length === b.length &&
  a.every(({ warehouseId, quantity }, i) => warehouseId === b[i]?.warehouseId && quantity === b[i]?.quantity);
