import type { Instant, OrderId, UserId, WarehouseId } from '../ids.ts';
import { ImpossibleEvent } from '../impossible-event.ts';
import type { EventMeta } from '../runtime/kind.ts';
import { evolveTransfers } from './buckets/evolve-transfers.ts';
import { noTransfers } from './buckets/transfers.ts';
import { addHold, removeHold } from './expiry.ts';
import { unitsOf } from './free.ts';
import {
  type Allocation,
  REMEMBERED_SALES,
  RESTOCKS_KNOWN_MS,
  type SkuEvent,
  type SkuState,
  type WarehouseStock,
} from './sku.ts';

export const initial = (): SkuState => ({
  warehouses: {},
  holds: {},
  expiring: {},
  firstExpiry: null,
  lapsed: {},
  sales: {},
  salesRemembered: 0,
  received: 0,
  sold: 0,
  restocked: 0,
  restocks: {},
  ...noTransfers(),
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
      const { orderId, allocations, expiresAt, customer } = event;
      each(state, event, (stock, quantity) => {
        stock.reserved += quantity;
      });
      delete state.lapsed[orderId];
      addHold(state, orderId, { allocations, expiresAt, ...(customer === undefined ? {} : { customer }) });
      count(state, customer, unitsOf(allocations));
      return state;
    }
    case 'StockCommitted': {
      const held = removeHold(state, event.orderId);
      delete state.lapsed[event.orderId];
      rememberSale(state, event.orderId);
      each(state, event, (stock, quantity) => {
        stock.onHand -= quantity;
        if (held) stock.reserved -= quantity;
        state.sold += quantity;
      });
      // What was held is counted already.
      if (!held) count(state, event.customer, unitsOf(event.allocations));
      return state;
    }
    case 'StockReleased': {
      uncount(state, removeHold(state, event.orderId));
      delete state.lapsed[event.orderId];
      each(state, event, giveBack);
      return state;
    }
    case 'HoldLapsed': {
      uncount(state, removeHold(state, event.orderId));
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
      count(state, event.customer, -unitsOf(event.allocations));
      state.restocks[`${event.orderId}:${event.reference}`] = at;
      forgetRestocks(state, at - RESTOCKS_KNOWN_MS);
      return state;
    }
    case 'ReorderPointReached': {
      stockAt(state, event.warehouseId, event).belowReorderPoint = true;
      return state;
    }
    default:
      return evolveTransfers(state, event);
  }
}

/** In a bucket: what a customer has had of it, or given back. */
function count(state: SkuState, customer: UserId | undefined, units: number): void {
  if (state.bucket === null || customer === undefined) return;
  const taken = (state.bucket.taken[customer] ?? 0) + units;
  if (taken > 0) state.bucket.taken[customer] = taken;
  else delete state.bucket.taken[customer];
}

function uncount(state: SkuState, hold: ReturnType<typeof removeHold>): void {
  if (hold) count(state, hold.customer, -unitsOf(hold.allocations));
}

/** They are in the order in which they came, so this looks no further than it forgets. */
function forgetRestocks({ restocks }: SkuState, before: Instant): void {
  for (const known in restocks) {
    if ((restocks[known] ?? 0) >= before) return;
    delete restocks[known];
  }
}

function rememberSale(state: SkuState, orderId: OrderId): void {
  if (state.salesRemembered === 2 * REMEMBERED_SALES) {
    state.sales = Object.fromEntries(Object.entries(state.sales).slice(-REMEMBERED_SALES));
    state.salesRemembered = REMEMBERED_SALES;
  }
  state.sales[orderId] = 1;
  state.salesRemembered++;
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
