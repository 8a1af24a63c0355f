/** What may be sent, and what has come. */
import type { WarehouseId } from '../../ids.ts';
import { accept, type Decider, reject } from '../../runtime/kind.ts';
import { freeStock, lapse, reorder } from '../free.ts';
import type { SkuEvent, SkuState } from '../sku.ts';
import { hasArrived, type Parcel, type Transfer, type TransferContract, type TransferOrder } from './transfers.ts';

type Free = { readonly warehouseId: WarehouseId; readonly pincode: Parcel['pincode']; free: number };

export const transfers: Decider<TransferContract, SkuState, SkuEvent> = {
  openBucket(state, { of, limitPerCustomer }) {
    return accept(state.bucket ? [] : [{ type: 'BucketOpened', of, limitPerCustomer }], null);
  },

  closeBucket(state) {
    return accept(state.bucket && !state.bucket.closed ? [{ type: 'BucketClosed' }] : [], null);
  },

  send(state, { transfers: orders }, now) {
    const known = orders.flatMap(({ to, number }) =>
      state.outgoing.filter((transfer) => transfer.to === to && transfer.number === number),
    );
    const wanted = orders.filter((order) => isNew(state, order) && mayGo(state, order));
    const needed = wanted.reduce((units, { quantity }) => units + (typeof quantity === 'number' ? quantity : 0), 0);
    const lapses = lapse(state, now, needed);
    const stock: Free[] = freeStock(state, lapses).map(({ warehouseId, pincode, free }) => ({
      warehouseId,
      pincode,
      free,
    }));
    const available = unitsIn(stock);
    if (needed > available) return reject({ type: 'not-enough', available });
    const sent: Transfer[] = [];
    for (const { to, number = (state.sent[to] ?? 0) + 1, quantity } of wanted) {
      const units = take(stock, asked(quantity, unitsIn(stock)));
      if (units.length > 0 || quantity === 0) sent.push({ to, number, units });
    }
    // Nothing to send is nothing to write: not even the lapses.
    if (sent.length === 0) return accept([], { sent: known });
    const touched = new Set(sent.flatMap(({ units }) => units.map(({ warehouseId }) => warehouseId)));
    const fell = stock.flatMap(({ warehouseId, free }) => {
      const warehouse = state.warehouses[warehouseId];
      return warehouse && touched.has(warehouseId) ? reorder(warehouseId, warehouse, free) : [];
    });
    return accept([...lapses, ...sent.map((transfer) => ({ type: 'StockSent' as const, ...transfer })), ...fell], {
      sent: [...known, ...sent],
    });
  },

  receive(state, { from, number, units }) {
    return accept(hasArrived(state, from, number) ? [] : [{ type: 'StockArrived', from, number, units }], null);
  },

  completeTransfer(state, { to, number }) {
    const open = state.outgoing.some((transfer) => transfer.to === to && transfer.number === number);
    return accept(open ? [{ type: 'TransferCompleted', to, number }] : [], null);
  },
};

const isNew = (state: SkuState, { to, number }: TransferOrder): boolean =>
  number === undefined || number === (state.sent[to] ?? 0) + 1;

const mayGo = ({ bucket }: SkuState, { to }: TransferOrder): boolean => !bucket?.closed || to === bucket.of;

const unitsIn = (stock: readonly Free[]): number => stock.reduce((units, { free }) => units + free, 0);

const asked = (quantity: TransferOrder['quantity'], free: number): number =>
  quantity === 'all' ? free : quantity === 'half' ? Math.ceil(free / 2) : quantity;

/** From every warehouse in proportion, so that each bucket serves all regions as its SKU does. */
function take(stock: readonly Free[], quantity: number): readonly Parcel[] {
  let missing = quantity;
  let left = unitsIn(stock);
  const parcels: Parcel[] = [];
  for (const place of stock) {
    // The share of what is still missing; the last place with anything left takes all of the rest.
    const share = left === 0 ? 0 : Math.min(place.free, Math.ceil((missing * place.free) / left));
    left -= place.free;
    if (share === 0) continue;
    place.free -= share;
    missing -= share;
    parcels.push({ warehouseId: place.warehouseId, pincode: place.pincode, quantity: share });
  }
  return parcels;
}
