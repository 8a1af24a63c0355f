import { expect, test } from 'vitest';
import type { OrderId, Sku, UserId, WarehouseId } from '../../actors/ids.ts';
import type { SkuEvent } from '../../actors/sku/sku.ts';
import { limitFaults } from './limits.ts';

const bucket = 'S~sal_1~0-2' as Sku;
const other = 'S~sal_1~1-2' as Sku;
const opened: SkuEvent = { type: 'BucketOpened', of: 'S' as Sku, limitPerCustomer: 2 };
const units = (quantity: number) => [{ warehouseId: 'wh_del' as WarehouseId, quantity }];
const order = (n: number) => `ord_${n}` as OrderId;
const hold = (n: number, quantity = 1, customer = 'usr_nobody'): SkuEvent => ({
  type: 'StockReserved',
  orderId: order(n),
  allocations: units(quantity),
  expiresAt: 0,
  customer: customer as UserId,
});
const buy = (n: number): SkuEvent => ({ type: 'StockCommitted', orderId: order(n), allocations: units(1) });
const letGo = (n: number): SkuEvent => ({ type: 'HoldLapsed', orderId: order(n), allocations: units(1) });
const back = (n: number): SkuEvent => ({
  type: 'StockRestocked',
  orderId: order(n),
  reference: 'cancel',
  allocations: units(1),
});

/** All orders are of one customer. */
const faults = (ledgers: Readonly<Record<string, readonly SkuEvent[]>>) => {
  const orders = new Map([1, 2, 3].map((n) => [order(n), { state: { status: 'CONFIRMED', userId: 'usr_1' } }]));
  const skus = Object.entries(ledgers).map(([id, events]) => [id, { events: [opened, ...events] }] as const);
  return limitFaults({ orders, skus: new Map(skus) });
};

test('held and bought are counted, and what was let go or came back is not', () => {
  expect(faults({ [bucket]: [hold(1), buy(1), hold(2), letGo(2), hold(3), buy(3), back(1), hold(2)] })).toEqual([]);
});

test('one too many, at any instant, whoever the bucket took it for', () => {
  expect(faults({ [bucket]: [hold(1), buy(1), hold(2), hold(3, 1, 'usr_2'), letGo(3)] })).toEqual([
    `${bucket} event 5 StockReserved: usr_1 has 3, and may have 2`,
  ]);
});

test('a customer with two homes', () => {
  expect(faults({ [bucket]: [hold(1)], [other]: [hold(2)] })).toEqual([
    `usr_1 has bought from ${other} and from ${bucket}`,
  ]);
});
