import type { OrderId, Pincode } from '../ids.ts';
import { accept, type Decider, reject } from '../runtime/kind.ts';
import { allocate } from './allocate.ts';
import { transfers } from './buckets/decide-transfers.ts';
import { allowanceOf } from './buckets/transfers.ts';
import { wholeSecond } from './expiry.ts';
import { freeStock, type Lapse, lapse, regained, reorder, reservedAfter, unitsOf } from './free.ts';
import type { SkuContract, SkuEvent, SkuState } from './sku.ts';

export const decide: Decider<SkuContract, SkuState, SkuEvent> = {
  setStock(state, { warehouseId, pincode, onHand, reorderPoint: wanted }, now) {
    const stock = state.warehouses[warehouseId];
    const reorderPoint = wanted ?? stock?.reorderPoint ?? 0;
    if (stock && stock.onHand === onHand && stock.reorderPoint === reorderPoint && stock.pincode === pincode)
      return accept([], null);
    const lapses = lapse(state, now, 0);
    const reserved = reservedAfter(state, warehouseId, lapses);
    if (onHand < reserved) return reject({ type: 'below-reserved', reserved });
    const delta = onHand - (stock?.onHand ?? 0);
    const set: SkuEvent = { type: 'StockSet', warehouseId, pincode, onHand, delta, reorderPoint };
    const fell = stock ? reorder(warehouseId, { ...stock, reorderPoint }, onHand - reserved) : [];
    return accept([...lapses, set, ...fell], null);
  },

  adjustStock(state, { warehouseId, delta, reason }, now) {
    const stock = state.warehouses[warehouseId];
    if (!stock) return reject({ type: 'unknown-warehouse', warehouseId });
    if (delta === 0) return accept([], null);
    const lapses = lapse(state, now, 0);
    const reserved = reservedAfter(state, warehouseId, lapses);
    if (stock.onHand + delta < reserved) return reject({ type: 'below-reserved', reserved });
    const adjusted: SkuEvent = { type: 'StockAdjusted', warehouseId, delta, reason };
    return accept([...lapses, adjusted, ...reorder(warehouseId, stock, stock.onHand + delta - reserved)], null);
  },

  reserve(state, { orderId, quantity, pincode, expiresAt, customer }, now) {
    const hold = state.holds[orderId];
    if (hold) return accept([], { allocations: hold.allocations });
    // A straggler's: the order has its units, or has ended, and takes nothing more from it.
    if (orderId in state.sales) return accept([], { allocations: [] });
    if (state.bucket?.closed) return reject({ type: 'out-of-stock', available: 0 });
    const lapses = lapse(state, now, quantity, customer);
    const left = allowanceOf(state, customer) + regained(state, lapses, customer);
    if (quantity > left) return reject({ type: 'limit-reached', limit: state.bucket?.limitPerCustomer ?? 0, left });
    const served = serve(state, quantity, pincode, lapses);
    if (!served.allocations) return reject({ type: 'out-of-stock', available: served.available });
    const { allocations, fell } = served;
    const until = wholeSecond(expiresAt);
    const by = customer === undefined ? {} : { customer };
    return accept([...lapses, { type: 'StockReserved', orderId, allocations, expiresAt: until, ...by }, ...fell], {
      allocations,
      ...(state.bucket && served.available === quantity ? { last: true as const } : {}),
    });
  },

  commit(state, { orderId, quantity, pincode, customer }, now) {
    const hold = state.holds[orderId];
    // Expired, but nobody has asked for it since: it is still this order's.
    if (hold)
      return accept([{ type: 'StockCommitted', orderId, allocations: hold.allocations }], {
        allocations: hold.allocations,
      });
    if (!(orderId in state.lapsed)) return accept([], { allocations: [] });
    const lapses = lapse(state, now, quantity, customer);
    const left = allowanceOf(state, customer) + regained(state, lapses, customer);
    // Bought again meanwhile, up to what one customer may have: these units are for others.
    if (quantity > left) return reject({ type: 'out-of-stock', available: 0 });
    const served = serve(state, quantity, pincode, lapses);
    if (!served.allocations) return reject({ type: 'out-of-stock', available: served.available });
    const { allocations, fell } = served;
    const by = customer === undefined ? {} : { customer };
    return accept([...lapses, { type: 'StockCommitted', orderId, allocations, ...by }, ...fell], { allocations });
  },

  release: (state, { orderId }) => accept(releaseOf(state, orderId), null),

  restock(state, { orderId, reference, allocations, customer }) {
    const unsold = releaseOf(state, orderId);
    if (unsold.length > 0) return accept(unsold, null);
    if (`${orderId}:${reference}` in state.restocks) return accept([], null);
    const back = allocations.filter(({ warehouseId }) => warehouseId in state.warehouses);
    const units = unitsOf(back);
    // More than was sold cannot come back: a repeat from beyond the memory.
    if (units === 0 || units > state.sold - state.restocked) return accept([], null);
    const by = customer === undefined ? {} : { customer };
    return accept([{ type: 'StockRestocked', orderId, reference, allocations: back, ...by }], null);
  },

  ...transfers,
};

function releaseOf(state: SkuState, orderId: OrderId): readonly SkuEvent[] {
  const hold = state.holds[orderId];
  if (hold) return [{ type: 'StockReleased', orderId, allocations: hold.allocations }];
  if (orderId in state.lapsed) return [{ type: 'StockReleased', orderId, allocations: [] }];
  return [];
}

/** Finds `quantity` units for `pincode`, with what has lapsed. */
function serve(state: SkuState, quantity: number, pincode: Pincode, lapses: readonly Lapse[]) {
  const stock = freeStock(state, lapses);
  const allocations = allocate(stock, quantity, pincode);
  const available = stock.reduce((units, { free }) => units + free, 0);
  if (!allocations) return { available };
  const fell = stock.flatMap(({ warehouseId, warehouse, free }) => {
    const taken = allocations.find((allocation) => allocation.warehouseId === warehouseId);
    return taken ? reorder(warehouseId, warehouse, free - taken.quantity) : [];
  });
  return { available, allocations, fell };
}
