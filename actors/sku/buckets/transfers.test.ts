import { describe, expect, test } from 'vitest';
import type { OrderId, Pincode, SaleId, Sku, UserId, WarehouseId } from '../../ids.ts';
import { given, STORY_BEGINS } from '../../runtime/testing/given.ts';
import { sku } from '../kind.ts';
import type { SkuEvent } from '../sku.ts';
import { bucketId, bucketOf, bucketsOf, skuOf } from './bucket-id.ts';

const PHONE = 'PHONE-X' as Sku;
const SALE = 'sal_1' as SaleId;
const [A, B] = bucketsOf({ sku: PHONE, saleId: SALE, count: 2 }) as [Sku, Sku];
const pincode = '560048' as Pincode;
const place = (id: string, quantity: number) => ({ warehouseId: `wh_${id}` as WarehouseId, pincode, quantity });
const set = (id: string, onHand: number): SkuEvent => ({
  type: 'StockSet',
  warehouseId: `wh_${id}` as WarehouseId,
  pincode,
  onHand,
  delta: onHand,
  reorderPoint: 0,
});
const opened: SkuEvent = { type: 'BucketOpened', of: PHONE, limitPerCustomer: 2 };
const arrived = (quantity: number, number = 1): SkuEvent => ({
  type: 'StockArrived',
  from: PHONE,
  number,
  units: [place('1', quantity)],
});
const asha = 'usr_asha' as UserId;
const ask = (n: number, quantity: number, customer: UserId = asha) => ({
  orderId: `ord_${n}` as OrderId,
  quantity,
  pincode,
  expiresAt: STORY_BEGINS + 600_000,
  customer,
});

test('a bucket’s id says whose it is, and no SKU looks like one', () => {
  const id = bucketId({ sku: PHONE, saleId: SALE, index: 3, count: 16 });
  expect(id).toBe('PHONE-X~sal_1~3-16');
  expect(bucketOf(id)).toEqual({ sku: PHONE, saleId: SALE, index: 3, count: 16 });
  expect(skuOf(id)).toBe(PHONE);
  expect(bucketOf(PHONE)).toBeUndefined();
  expect(skuOf(PHONE)).toBe(PHONE);
});

describe('sending', () => {
  test('takes from each warehouse in proportion, for all transfers or for none', () => {
    const story = given(sku, [set('1', 60), set('2', 40)]);
    story
      .when('send', {
        transfers: [
          { to: A, number: 1, quantity: 50 },
          { to: B, number: 1, quantity: 20 },
        ],
      })
      .then([
        { type: 'StockSent', to: A, number: 1, units: [place('1', 30), place('2', 20)] },
        { type: 'StockSent', to: B, number: 1, units: [place('1', 12), place('2', 8)] },
      ]);
    story
      .when('send', {
        transfers: [
          { to: A, number: 1, quantity: 50 },
          { to: B, number: 1, quantity: 51 },
        ],
      })
      .then({ type: 'not-enough', available: 100 });
  });

  test('a number that was sent is not sent again, and is named while it is on its way', () => {
    const order = { transfers: [{ to: A, number: 1, quantity: 4 }] };
    const units = [place('1', 4)];
    given(sku, [set('1', 10)])
      .when('send', order)
      .then([{ type: 'StockSent', to: A, number: 1, units }])
      .when('send', { transfers: [{ to: A, number: 1, quantity: 6 }] })
      .then([])
      .answers({ sent: [{ to: A, number: 1, units }] })
      .when('completeTransfer', { to: A, number: 1 })
      .then([{ type: 'TransferCompleted', to: A, number: 1 }])
      .when('send', order)
      .then([])
      .answers({ sent: [] });
  });

  test('what is held stays; what has expired goes', () => {
    const held: SkuEvent = {
      type: 'StockReserved',
      orderId: 'ord_1' as OrderId,
      allocations: [{ warehouseId: 'wh_1' as WarehouseId, quantity: 4 }],
      expiresAt: STORY_BEGINS + 1_000,
    };
    const all = { transfers: [{ to: A, quantity: 'all' as const }] };
    const story = given(sku, [set('1', 10), held]);
    expect(story.when('send', all).decision).toMatchObject({ events: [{ units: [place('1', 6)] }, {}] });
    expect(story.when('send', all, STORY_BEGINS + 1_000).decision).toMatchObject({
      events: [{ type: 'HoldLapsed' }, { units: [place('1', 10)] }, { type: 'ReorderPointReached' }],
    });
  });

  test('half is rounded up, and half of nothing is nothing', () => {
    const half = { transfers: [{ to: B, quantity: 'half' as const }] };
    expect(given(sku, [opened, arrived(5)]).when('send', half).decision).toMatchObject({
      events: [{ units: [place('1', 3)] }],
    });
    given(sku, [opened]).when('send', half).then([]).answers({ sent: [] });
  });

  test('a closed bucket holds nothing more and sends to its SKU only', () => {
    const closed: SkuEvent[] = [opened, arrived(5), { type: 'BucketClosed' }];
    given(sku, closed)
      .when('reserve', ask(1, 1))
      .then({ type: 'out-of-stock', available: 0 })
      .when('send', { transfers: [{ to: B, quantity: 'all' }] })
      .then([]);
    expect(given(sku, closed).when('send', { transfers: [{ to: PHONE, quantity: 'all' }] }).decision).toMatchObject({
      events: [{ type: 'StockSent', units: [place('1', 5)] }, {}],
    });
  });
});

test('what has come is known for ever, in whatever order it came', () => {
  const arrives = (number: number) => ({ from: B, number, units: [place('1', number)] });
  const story = given(sku, [opened])
    .when('receive', arrives(2))
    .then([{ type: 'StockArrived', ...arrives(2) }])
    .when('receive', arrives(1))
    .then([{ type: 'StockArrived', ...arrives(1) }])
    .when('receive', arrives(2))
    .then([]);
  expect(story.state.arrived).toEqual({ [B]: { upTo: 2, beyond: [] } });
  expect(story.view().available).toBe(3);
});

describe('how much one customer may have', () => {
  const full = given(sku, [opened, arrived(10)]);
  test('is counted over what they hold and have bought', () => {
    const after = full.when('reserve', ask(1, 1)).then([{ type: 'StockReserved', ...hold(1, 1) }]);
    after
      .when('commit', ask(1, 1))
      .then([{ type: 'StockCommitted', orderId: hold(1, 1).orderId, allocations: hold(1, 1).allocations }])
      .when('reserve', ask(2, 2))
      .then({ type: 'limit-reached', limit: 2, left: 1 });
    after
      .when('reserve', ask(2, 2, 'usr_ravi' as UserId))
      .then([{ type: 'StockReserved', ...hold(2, 2), customer: 'usr_ravi' as UserId }]);
  });

  test.each([
    [
      'a release',
      (): SkuEvent => ({ type: 'StockReleased', orderId: hold(1, 2).orderId, allocations: hold(1, 2).allocations }),
    ],
    [
      'a lapse',
      (): SkuEvent => ({ type: 'HoldLapsed', orderId: hold(1, 2).orderId, allocations: hold(1, 2).allocations }),
    ],
  ])('%s gives it back', (_, event) => {
    const held = full.when('reserve', ask(1, 2)).then([{ type: 'StockReserved', ...hold(1, 2) }]);
    held.when('reserve', ask(2, 1)).then({ type: 'limit-reached', limit: 2, left: 0 });
    const after = given(sku, [opened, arrived(10), { type: 'StockReserved', ...hold(1, 2) }, event()]);
    expect(after.state.bucket?.taken).toEqual({});
    expect(after.when('reserve', ask(2, 2)).decision.accepted).toBe(true);
  });

  test('goods that come back give it back', () => {
    const { orderId, allocations } = hold(1, 2);
    given(sku, [
      opened,
      arrived(10),
      { type: 'StockReserved', ...hold(1, 2) },
      { type: 'StockCommitted', orderId, allocations },
    ])
      .when('reserve', ask(2, 1))
      .then({ type: 'limit-reached', limit: 2, left: 0 })
      .when('restock', { orderId, reference: 'cancel', allocations, customer: asha })
      .then([{ type: 'StockRestocked', orderId, reference: 'cancel', allocations, customer: asha }])
      .when('reserve', ask(2, 2))
      .then([{ type: 'StockReserved', ...hold(2, 2) }]);
  });
});

function hold(n: number, quantity: number) {
  return {
    orderId: `ord_${n}` as OrderId,
    allocations: [{ warehouseId: 'wh_1' as WarehouseId, quantity }],
    expiresAt: STORY_BEGINS + 600_000,
    customer: asha,
  };
}
