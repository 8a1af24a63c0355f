/** What transfers change. In place, as evolve.ts does. */
import type { Sku } from '../../ids.ts';
import type { SkuState } from '../sku.ts';
import type { Parcel, TransferEvent } from './transfers.ts';

export function evolveTransfers(state: SkuState, event: TransferEvent): SkuState {
  switch (event.type) {
    case 'StockSent': {
      const { to, number, units } = event;
      for (const parcel of units) move(state, parcel, -parcel.quantity);
      state.outgoing.push({ to, number, units });
      state.sent[to] = number;
      return state;
    }
    case 'StockArrived': {
      const { from, number, units } = event;
      for (const parcel of units) move(state, parcel, parcel.quantity);
      arrive(state, from, number);
      return state;
    }
    case 'TransferCompleted': {
      const { to, number } = event;
      state.outgoing = state.outgoing.filter((transfer) => transfer.to !== to || transfer.number !== number);
      return state;
    }
    case 'BucketOpened': {
      const { of, limitPerCustomer } = event;
      state.bucket = { of, limitPerCustomer, closed: false, taken: {} };
      return state;
    }
    case 'BucketClosed': {
      if (state.bucket) state.bucket.closed = true;
      return state;
    }
    default:
      return event satisfies never;
  }
}

/** What is sent counts as never received here: received − sold = on hand, in each ledger. */
function move(state: SkuState, { warehouseId, pincode }: Parcel, delta: number): void {
  state.warehouses[warehouseId] ??= { pincode, onHand: 0, reserved: 0, reorderPoint: 0, belowReorderPoint: true };
  const stock = state.warehouses[warehouseId];
  stock.onHand += delta;
  state.received += delta;
  if (stock.onHand - stock.reserved > stock.reorderPoint) stock.belowReorderPoint = false;
}

function arrive(state: SkuState, from: Sku, number: number): void {
  state.arrived[from] ??= { upTo: 0, beyond: [] };
  const arrivals = state.arrived[from];
  arrivals.beyond.push(number);
  while (arrivals.beyond.includes(arrivals.upTo + 1)) {
    arrivals.upTo += 1;
    arrivals.beyond = arrivals.beyond.filter((waiting) => waiting !== arrivals.upTo);
  }
}
