/**
 * What one customer may have of a sale: held and bought, after every event of each bucket. Whose an order is, the orders
 * say; a bucket may have counted it for nobody, or for somebody else.
 */
import { bucketOf } from '../../actors/sku/buckets/bucket-id.ts';
import type { SkuEvent } from '../../actors/sku/sku.ts';

const unitsOf = (units: readonly { readonly quantity: number }[]): number =>
  units.reduce((sum, { quantity }) => sum + quantity, 0);

type Books = {
  readonly skus: ReadonlyMap<string, { readonly events: readonly SkuEvent[] }>;
  readonly orders: ReadonlyMap<string, { readonly state: { readonly status: string; readonly userId?: string } }>;
};

export function limitFaults({ skus, orders }: Books): string[] {
  const userOf = (orderId: string): string => orders.get(orderId)?.state.userId ?? orderId;
  const faults: string[] = [];
  /** By sale and SKU: a customer has one bucket, and would break the limit with two. */
  const home = new Map<string, string>();
  for (const [id, { events }] of skus) {
    const bucket = bucketOf(id);
    if (bucket === undefined) continue;
    const theirs = new Map<string, Map<string, number>>();
    let limit = Number.POSITIVE_INFINITY;
    for (const [n, event] of events.entries()) {
      if (event.type === 'BucketOpened') limit = event.limitPerCustomer;
      const change = changeOf(event);
      if (change === undefined) continue;
      const user = userOf(change.orderId);
      const units = theirs.get(user) ?? new Map<string, number>();
      theirs.set(user, units.set(change.orderId, change.to(units.get(change.orderId) ?? 0)));
      const has = [...units.values()].reduce((sum, of) => sum + of, 0);
      if (has > limit) faults.push(`${id} event ${n + 1} ${event.type}: ${user} has ${has}, and may have ${limit}`);
      const key = `${bucket.saleId} ${bucket.sku} ${user}`;
      if ((home.get(key) ?? id) !== id) faults.push(`${user} has bought from ${id} and from ${home.get(key)}`);
      home.set(key, id);
    }
  }
  return faults;
}

/** How many units of the bucket an order holds or has bought after an event. */
function changeOf(event: SkuEvent): { readonly orderId: string; readonly to: (units: number) => number } | undefined {
  switch (event.type) {
    case 'StockReserved':
    case 'StockCommitted':
      return { orderId: event.orderId, to: () => unitsOf(event.allocations) };
    case 'StockReleased':
    case 'HoldLapsed':
      return { orderId: event.orderId, to: () => 0 };
    case 'StockRestocked':
      return { orderId: event.orderId, to: (units) => units - unitsOf(event.allocations) };
    default:
      return undefined;
  }
}
