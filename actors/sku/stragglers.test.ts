/** A run of the checkout that was stopped for a while asks for its hold when another run has sold it already. */
import { expect, test } from 'vitest';
import type { OrderId, Pincode, WarehouseId } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { sku } from './kind.ts';
import { REMEMBERED_SALES, type SkuEvent } from './sku.ts';

const pincode = '560001' as Pincode;
const allocations = [{ warehouseId: 'wh_blr' as WarehouseId, quantity: 1 }];
const order = (n: number) => `ord_${n}` as OrderId;
const expiresAt = STORY_BEGINS + 600_000;
const stock: SkuEvent = {
  type: 'StockSet',
  warehouseId: 'wh_blr' as WarehouseId,
  pincode,
  onHand: 100_000,
  delta: 100_000,
  reorderPoint: 0,
};
const sale = (n: number): SkuEvent[] => [
  { type: 'StockReserved', orderId: order(n), allocations, expiresAt },
  { type: 'StockCommitted', orderId: order(n), allocations },
];

test('gets no second hold, and what is cancelled later comes back', () => {
  const back = { orderId: order(1), reference: 'cancel', allocations };
  given(sku, [stock, ...sale(1)])
    .when('reserve', { orderId: order(1), quantity: 1, pincode, expiresAt })
    .then([])
    .when('restock', back)
    .then([{ type: 'StockRestocked', ...back }]);
});

test('thousands of sales are remembered, and not for ever', () => {
  const many = Array.from({ length: 2 * REMEMBERED_SALES + 10 }, (_, n) => sale(n)).flat();
  const { state } = given(sku, [stock, ...many]);
  expect(Object.keys(state.sales)).toHaveLength(REMEMBERED_SALES + 10);
  expect(state.sales).toHaveProperty(order(2 * REMEMBERED_SALES + 9));
});
