import type { Instant, OrderId, Pincode, WarehouseId } from '../ids.ts';
import { accept, type Decider, reject } from '../runtime/kind.ts';
import { allocate } from './allocate.ts';
import { expiredHolds, wholeSecond } from './expiry.ts';
import {
  type Allocation,
  MAX_LAPSES,
  type SkuContract,
  type SkuEvent,
  type SkuState,
  type WarehouseStock,
} from './sku.ts';

type Lapse = Extract<SkuEvent, { type: 'HoldLapsed' }>;

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

  reserve(state, { orderId, quantity, pincode, expiresAt }, now) {
    const hold = state.holds[orderId];
    if (hold) return accept([], { allocations: hold.allocations });
    const served = serve(state, quantity, pincode, now);
    if (!served.allocations) return reject({ type: 'out-of-stock', available: served.available });
    const { lapses, allocations, fell } = served;
    const until = wholeSecond(expiresAt);
    return accept([...lapses, { type: 'StockReserved', orderId, allocations, expiresAt: until }, ...fell], {
      allocations,
    });
  },

  commit(state, { orderId, quantity, pincode }, now) {
    const hold = state.holds[orderId];
    // Expired, but nobody has asked for it since: it is still this order's.
    if (hold)
      return accept([{ type: 'StockCommitted', orderId, allocations: hold.allocations }], {
        allocations: hold.allocations,
      });
    if (!(orderId in state.lapsed)) return accept([], { allocations: [] });
    const served = serve(state, quantity, pincode, now);
    if (!served.allocations) return reject({ type: 'out-of-stock', available: served.available });
    const { lapses, allocations, fell } = served;
    return accept([...lapses, { type: 'StockCommitted', orderId, allocations }, ...fell], { allocations });
  },

  release: (state, { orderId }) => accept(releaseOf(state, orderId), null),

  restock(state, { orderId, reference, allocations }) {
    const unsold = releaseOf(state, orderId);
    if (unsold.length > 0) return accept(unsold, null);
    if (state.restocks.includes(`${orderId}:${reference}`)) return accept([], null);
    const back = allocations.filter(({ warehouseId }) => warehouseId in state.warehouses);
    const units = unitsOf(back);
    // More than was sold cannot come back: a repeat from beyond the memory.
    if (units === 0 || units > state.sold - state.restocked) return accept([], null);
    return accept([{ type: 'StockRestocked', orderId, reference, allocations: back }], null);
  },
};

const unitsOf = (allocations: readonly Allocation[]): number =>
  allocations.reduce((units, { quantity }) => units + quantity, 0);

function releaseOf(state: SkuState, orderId: OrderId): readonly SkuEvent[] {
  const hold = state.holds[orderId];
  if (hold) return [{ type: 'StockReleased', orderId, allocations: hold.allocations }];
  if (orderId in state.lapsed) return [{ type: 'StockReleased', orderId, allocations: [] }];
  return [];
}

/** Takes back expired holds: some for tidiness, and as many more as it takes to have `needed` units free. */
function lapse(state: SkuState, now: Instant, needed: number): readonly Lapse[] {
  const lapses: Lapse[] = [];
  let free = 0;
  for (const { onHand, reserved } of Object.values(state.warehouses)) free += onHand - reserved;
  for (const [orderId, { allocations }] of expiredHolds(state, now)) {
    if (lapses.length >= MAX_LAPSES && free >= needed) break;
    lapses.push({ type: 'HoldLapsed', orderId, allocations });
    free += unitsOf(allocations);
  }
  return lapses;
}

/** Finds `quantity` units for `pincode`, taking back what has expired. */
function serve(state: SkuState, quantity: number, pincode: Pincode, now: Instant) {
  const lapses = lapse(state, now, quantity);
  const stock = Object.entries(state.warehouses).map(([key, warehouse]) => {
    const warehouseId = key as WarehouseId;
    return {
      warehouseId,
      pincode: warehouse.pincode,
      warehouse,
      free: warehouse.onHand - reservedAfter(state, warehouseId, lapses),
    };
  });
  const allocations = allocate(stock, quantity, pincode);
  if (!allocations) return { available: stock.reduce((units, { free }) => units + free, 0) };
  const fell = stock.flatMap(({ warehouseId, warehouse, free }) => {
    const taken = allocations.find((allocation) => allocation.warehouseId === warehouseId);
    return taken ? reorder(warehouseId, warehouse, free - taken.quantity) : [];
  });
  return { lapses, allocations, fell };
}

function reservedAfter(state: SkuState, warehouseId: WarehouseId, lapses: readonly Lapse[]): number {
  let reserved = state.warehouses[warehouseId]?.reserved ?? 0;
  for (const { allocations } of lapses)
    for (const allocation of allocations) if (allocation.warehouseId === warehouseId) reserved -= allocation.quantity;
  return reserved;
}

function reorder(warehouseId: WarehouseId, stock: WarehouseStock, available: number): readonly SkuEvent[] {
  if (stock.belowReorderPoint || available > stock.reorderPoint) return [];
  return [{ type: 'ReorderPointReached', warehouseId, available }];
}
