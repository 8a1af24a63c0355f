/** What is free in each warehouse, with what has expired taken back. */
import type { Instant, Pincode, UserId, WarehouseId } from '../ids.ts';
import { expiredHolds } from './expiry.ts';
import { type Allocation, MAX_LAPSES, type SkuEvent, type SkuState, type WarehouseStock } from './sku.ts';

export type Lapse = Extract<SkuEvent, { type: 'HoldLapsed' }>;

export type FreeStock = {
  readonly warehouseId: WarehouseId;
  readonly pincode: Pincode;
  readonly warehouse: WarehouseStock;
  readonly free: number;
};

export const unitsOf = (allocations: readonly Allocation[]): number =>
  allocations.reduce((units, { quantity }) => units + quantity, 0);

/**
 * Takes back expired holds: some for tidiness, as many more as it takes to have `needed` units free, and all that are this
 * customer's, so that what they hold no more is not counted as theirs.
 */
export function lapse(state: SkuState, now: Instant, needed: number, customer?: UserId): readonly Lapse[] {
  const lapses: Lapse[] = [];
  let free = 0;
  for (const { onHand, reserved } of Object.values(state.warehouses)) free += onHand - reserved;
  for (const [orderId, { allocations, customer: holder }] of expiredHolds(state, now)) {
    const enough = lapses.length >= MAX_LAPSES && free >= needed;
    if (enough && customer === undefined) break;
    if (enough && holder !== customer) continue;
    lapses.push({ type: 'HoldLapsed', orderId, allocations });
    free += unitsOf(allocations);
  }
  return lapses;
}

/** Of these lapses: units that are no longer this customer's. */
export const regained = (state: SkuState, lapses: readonly Lapse[], customer: UserId | undefined): number =>
  customer === undefined
    ? 0
    : lapses.reduce(
        (units, { orderId, allocations }) =>
          state.holds[orderId]?.customer === customer ? units + unitsOf(allocations) : units,
        0,
      );

export const freeStock = (state: SkuState, lapses: readonly Lapse[]): readonly FreeStock[] =>
  Object.entries(state.warehouses).map(([key, warehouse]) => {
    const warehouseId = key as WarehouseId;
    const free = warehouse.onHand - reservedAfter(state, warehouseId, lapses);
    return { warehouseId, pincode: warehouse.pincode, warehouse, free };
  });

export function reservedAfter(state: SkuState, warehouseId: WarehouseId, lapses: readonly Lapse[]): number {
  let reserved = state.warehouses[warehouseId]?.reserved ?? 0;
  for (const { allocations } of lapses)
    for (const allocation of allocations) if (allocation.warehouseId === warehouseId) reserved -= allocation.quantity;
  return reserved;
}

export function reorder(warehouseId: WarehouseId, stock: WarehouseStock, available: number): readonly SkuEvent[] {
  if (stock.belowReorderPoint || available > stock.reorderPoint) return [];
  return [{ type: 'ReorderPointReached', warehouseId, available }];
}
