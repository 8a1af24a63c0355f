import type { Instant, WarehouseId } from '../ids.ts';
import { transferView } from './buckets/transfers.ts';
import { expiredHolds } from './expiry.ts';
import type { SkuState, SkuView } from './sku.ts';

/** What a buyer could have: expired holds count as available, though they are taken back only when asked for. */
export function view(state: SkuState, now: Instant): SkuView {
  const expired = new Map<WarehouseId, number>();
  for (const [, { allocations }] of expiredHolds(state, now))
    for (const { warehouseId, quantity } of allocations)
      expired.set(warehouseId, (expired.get(warehouseId) ?? 0) + quantity);
  const warehouses = Object.entries(state.warehouses).map(([key, { onHand, reserved: held, reorderPoint }]) => {
    const warehouseId = key as WarehouseId;
    const reserved = held - (expired.get(warehouseId) ?? 0);
    return { warehouseId, onHand, available: onHand - reserved, reserved, reorderPoint };
  });
  const transfers = transferView(state);
  return {
    warehouses,
    available: warehouses.reduce((units, { available }) => units + available, 0),
    reserved: warehouses.reduce((units, { reserved }) => units + reserved, 0),
    received: state.received,
    sold: state.sold - state.restocked,
    ...(transfers === undefined ? {} : { transfers }),
  };
}
