import type { Instant, WarehouseId } from '../../actors/ids.ts';
import { sku } from '../../actors/sku/kind.ts';
import type { Allocation, SkuEvent } from '../../actors/sku/sku.ts';
import { defineProjection } from './projection.ts';
import type { Change, Table } from './table.ts';

const INVENTORY: Table = {
  name: 'inventory',
  key: ['sku', 'warehouse_id'],
  columns: {
    sku: { type: 'text' },
    warehouse_id: { type: 'text' },
    on_hand: { type: 'integer' },
    /** Expired holds count until the actor has taken them back. */
    reserved: { type: 'integer' },
    reorder_point: { type: 'integer' },
    updated_at: { type: 'instant' },
    version: { type: 'bigint' },
  },
};

const RESERVATIONS: Table = {
  name: 'inventory_reservations',
  key: ['order_id', 'sku', 'warehouse_id'],
  columns: {
    order_id: { type: 'text' },
    sku: { type: 'text' },
    warehouse_id: { type: 'text' },
    quantity: { type: 'integer' },
    status: { type: 'text' },
    expires_at: { type: 'instant', keep: 'known' },
    created_at: { type: 'instant', keep: 'first' },
    updated_at: { type: 'instant' },
  },
};

/** What became of a hold: sold is committed, sold and come back is restocked. */
type HoldStatus = 'held' | 'committed' | 'released' | 'lapsed' | 'restocked';

type Holding = Extract<SkuEvent, { readonly allocations: readonly Allocation[] }>;
const AFTER: Readonly<Record<Holding['type'], HoldStatus>> = {
  StockReserved: 'held',
  StockCommitted: 'committed',
  StockReleased: 'released',
  HoldLapsed: 'lapsed',
  StockRestocked: 'restocked',
};

/** Where an event that holds nothing changes what is on hand. */
const placesOf = (event: Exclude<SkuEvent, Holding>): readonly WarehouseId[] => {
  if ('units' in event) return event.units.map(({ warehouseId }) => warehouseId);
  return 'warehouseId' in event ? [event.warehouseId] : [];
};

const isHolding = (event: SkuEvent): event is Holding => 'allocations' in event;

export const inventory = defineProjection({
  name: 'inventory',
  kind: sku,
  tables: [INVENTORY, RESERVATIONS],
  changes({ id, events, state, version, at }): readonly Change[] {
    const changes: Change[] = [];
    const touched = new Set<WarehouseId>();
    for (const { event, at } of events) {
      if (isHolding(event)) {
        for (const { warehouseId, quantity } of event.allocations) {
          touched.add(warehouseId);
          changes.push({ table: RESERVATIONS, row: reservation(id, event, warehouseId, quantity, at) });
        }
      } else for (const warehouseId of placesOf(event)) touched.add(warehouseId);
    }
    for (const warehouseId of touched) {
      const stock = state.warehouses[warehouseId];
      if (stock === undefined) continue;
      const { onHand, reserved, reorderPoint } = stock;
      changes.push({
        table: INVENTORY,
        row: {
          sku: id,
          warehouse_id: warehouseId,
          on_hand: onHand,
          reserved,
          reorder_point: reorderPoint,
          updated_at: at,
          version,
        },
      });
    }
    return changes;
  },
});

const reservation = (id: string, event: Holding, warehouseId: WarehouseId, quantity: number, at: Instant) => ({
  order_id: event.orderId,
  sku: id,
  warehouse_id: warehouseId,
  quantity,
  status: AFTER[event.type],
  expires_at: event.type === 'StockReserved' ? event.expiresAt : null,
  created_at: at,
  updated_at: at,
});
