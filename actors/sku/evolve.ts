import type { WarehouseId } from '../ids.ts';
import { ImpossibleEvent } from '../impossible-event.ts';
import type { EventMeta } from '../runtime/kind.ts';
import { addHold, removeHold } from './expiry.ts';
import { type Allocation, REMEMBERED_RESTOCKS, type SkuEvent, type SkuState, type WarehouseStock } from './sku.ts';

export const initial = (): SkuState => ({
  warehouses: {},
  holds: {},
  expiring: {},
  firstExpiry: null,
  lapsed: {},
  received: 0,
  sold: 0,
  restocked: 0,
  restocks: [],
});

/** Changes `state` in place: a hot SKU must not copy thousands of holds per sale. */
export function evolve(state: SkuState, event: SkuEvent, { at }: EventMeta): SkuState {
  switch (event.type) {
    case 'StockSet': {
      const { warehouseId, pincode, onHand, reorderPoint, delta } = event;
      const { reserved, belowReorderPoint } = state.warehouses[warehouseId] ?? {
        reserved: 0,
        belowReorderPoint: false,
      };
      state.warehouses[warehouseId] = { pincode, onHand, reserved, reorderPoint, belowReorderPoint };
      state.received += delta;
      refilled(state.warehouses[warehouseId]);
      return state;
    }
    case 'StockAdjusted': {
      const stock = stockAt(state, event.warehouseId, event);
      stock.onHand += event.delta;
      state.received += event.delta;
      refilled(stock);
      return state;
    }
    case 'StockReserved': {
      const { orderId, allocations, expiresAt } = event;
      each(state, event, (stock, quantity) => {
        stock.reserved += quantity;
      });
      delete state.lapsed[orderId];
      addHold(state, orderId, { allocations, expiresAt });
      return state;
    }
    case 'StockCommitted': {
      const held = removeHold(state, event.orderId) !== undefined;
      delete state.lapsed[event.orderId];
      each(state, event, (stock, quantity) => {
        stock.onHand -= quantity;
        if (held) stock.reserved -= quantity;
        state.sold += quantity;
      });
      return state;
    }
    case 'StockReleased': {
      removeHold(state, event.orderId);
      delete state.lapsed[event.orderId];
      each(state, event, giveBack);
      return state;
    }
    case 'HoldLapsed': {
      removeHold(state, event.orderId);
      state.lapsed[event.orderId] = at;
      each(state, event, giveBack);
      return state;
    }
    case 'StockRestocked': {
      each(state, event, (stock, quantity) => {
        stock.onHand += quantity;
        state.restocked += quantity;
        refilled(stock);
      });
      state.restocks.push(`${event.orderId}:${event.reference}`);
      if (state.restocks.length > REMEMBERED_RESTOCKS) state.restocks.shift();
      return state;
    }
    case 'ReorderPointReached': {
      stockAt(state, event.warehouseId, event).belowReorderPoint = true;
      return state;
    }
    default:
      return event satisfies never;
  }
}

function giveBack(stock: WarehouseStock, quantity: number): void {
  stock.reserved -= quantity;
  refilled(stock);
}

/** Above the reorder point again: the next fall counts again. */
function refilled(stock: WarehouseStock): void {
  if (stock.onHand - stock.reserved > stock.reorderPoint) stock.belowReorderPoint = false;
}

function each(
  state: SkuState,
  event: SkuEvent & { readonly allocations: readonly Allocation[] },
  change: (stock: WarehouseStock, quantity: number) => void,
): void {
  for (const { warehouseId, quantity } of event.allocations) change(stockAt(state, warehouseId, event), quantity);
}

function stockAt(state: SkuState, warehouseId: WarehouseId, event: SkuEvent): WarehouseStock {
  const stock = state.warehouses[warehouseId];
  if (!stock) throw new ImpossibleEvent(event.type, `without warehouse ${warehouseId}`);
  return stock;
}
