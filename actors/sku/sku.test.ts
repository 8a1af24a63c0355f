import { describe, expect, test } from 'vitest';
import type { OrderId, Pincode, WarehouseId } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { sku } from './kind.ts';
import { MAX_LAPSES, RESTOCKS_KNOWN_MS, type SkuEvent, type SkuState } from './sku.ts';

const warehouses = {
  wh_blr: '560048',
  wh_maa: '600032',
  wh_hyd: '500032',
} as const;
type Warehouse = keyof typeof warehouses;
const wh = (id: Warehouse) => id as string as WarehouseId;
const stocked = (id: Warehouse, onHand: number, reorderPoint = 0): SkuEvent => ({
  type: 'StockSet',
  warehouseId: wh(id),
  pincode: warehouses[id] as string as Pincode,
  onHand,
  delta: onHand,
  reorderPoint,
});
const order = (n: number) => `ord_${n}` as OrderId;
const at = (id: Warehouse, quantity: number) => ({ warehouseId: wh(id), quantity });
const BENGALURU = '560001' as Pincode;
const LATER = STORY_BEGINS + 600_000;
const reserved = (n: number, ...allocations: ReturnType<typeof at>[]): SkuEvent => ({
  type: 'StockReserved',
  orderId: order(n),
  allocations,
  expiresAt: LATER,
});
const ask = (n: number, quantity: number) => ({ orderId: order(n), quantity, pincode: BENGALURU, expiresAt: LATER });

describe('which warehouse', () => {
  const three = [stocked('wh_hyd', 5), stocked('wh_maa', 5), stocked('wh_blr', 2)];
  test('the nearest by pincode prefix that has all', () => {
    given(sku, three)
      .when('reserve', ask(1, 2))
      .then([reserved(1, at('wh_blr', 2)), fell('wh_blr')]);
  });
  test('one that has all before a nearer that has not', () => {
    given(sku, three)
      .when('reserve', ask(1, 5))
      .then([reserved(1, at('wh_hyd', 5)), fell('wh_hyd')]);
  });
  test('among equal prefixes the numerically closer', () => {
    given(sku, three)
      .when('reserve', { ...ask(1, 5), pincode: '700001' as Pincode })
      .then([reserved(1, at('wh_maa', 5)), fell('wh_maa')]);
  });
  test('split only when no one has all, nearest first', () => {
    given(sku, three)
      .when('reserve', ask(1, 8))
      .then([reserved(1, at('wh_blr', 2), at('wh_hyd', 5), at('wh_maa', 1)), fell('wh_hyd'), fell('wh_blr')]);
  });
  const fell = (id: Warehouse): SkuEvent => ({ type: 'ReorderPointReached', warehouseId: wh(id), available: 0 });
});

describe('a hold', () => {
  const held = [stocked('wh_blr', 10), reserved(1, at('wh_blr', 4))];

  test('is the same for the same order', () => {
    given(sku, held)
      .when('reserve', ask(1, 4))
      .then([])
      .answers({ allocations: [at('wh_blr', 4)] });
  });

  test('takes its units from everybody else', () => {
    const story = given(sku, held);
    story.when('reserve', ask(2, 7)).then({ type: 'out-of-stock', available: 6 });
    expect(story.view()).toMatchObject({ available: 6, reserved: 4, received: 10, sold: 0 });
  });

  test('becomes a sale once', () => {
    const sold = given(sku, held)
      .when('commit', ask(1, 4))
      .then([{ type: 'StockCommitted', orderId: order(1), allocations: [at('wh_blr', 4)] }])
      .when('commit', ask(1, 4))
      .then([])
      .answers({ allocations: [] });
    expect(sold.view()).toMatchObject({ available: 6, reserved: 0, sold: 4 });
  });

  test('is given back once', () => {
    const free = given(sku, held)
      .when('release', { orderId: order(1) })
      .then([{ type: 'StockReleased', orderId: order(1), allocations: [at('wh_blr', 4)] }])
      .when('release', { orderId: order(1) })
      .then([]);
    expect(free.view()).toMatchObject({ available: 10, reserved: 0 });
  });

  test('expires to the second, rounded up', () => {
    given(sku, [stocked('wh_blr', 10)])
      .when('reserve', { ...ask(1, 1), expiresAt: LATER - 999 })
      .then([reserved(1, at('wh_blr', 1))]);
  });

  test('that has expired counts as available and is taken back by whoever asks', () => {
    const story = given(sku, held);
    expect(story.view(LATER - 1)).toMatchObject({ available: 6, reserved: 4 });
    expect(story.view(LATER)).toMatchObject({ available: 10, reserved: 0 });
    const lapsed: SkuEvent = { type: 'HoldLapsed', orderId: order(1), allocations: [at('wh_blr', 4)] };
    const taken: SkuEvent = { ...reserved(2, at('wh_blr', 10)), expiresAt: LATER + 1_000 } as SkuEvent;
    const empty: SkuEvent = { type: 'ReorderPointReached', warehouseId: wh('wh_blr'), available: 0 };
    const end = story.when('reserve', { ...ask(2, 10), expiresAt: LATER + 1_000 }, LATER).then([lapsed, taken, empty]);
    end.when('commit', ask(1, 4)).then({ type: 'out-of-stock', available: 0 });
    expect(end.when('release', { orderId: order(1) }).then([releasedNothing(1)]).state.lapsed).toEqual({});
  });

  test("that has expired but was not asked for is still its order's", () => {
    given(sku, held)
      .when('commit', ask(1, 4), LATER + 1)
      .then([{ type: 'StockCommitted', orderId: order(1), allocations: [at('wh_blr', 4)] }]);
  });

  test('that lapsed is served afresh if there is enough', () => {
    const lapsed: SkuEvent = { type: 'HoldLapsed', orderId: order(1), allocations: [at('wh_blr', 4)] };
    const sold = given(sku, [...held, lapsed, stocked('wh_maa', 20)])
      .when('setStock', { warehouseId: wh('wh_blr'), pincode: BENGALURU, onHand: 1 })
      .then([
        { type: 'StockSet', warehouseId: wh('wh_blr'), pincode: BENGALURU, onHand: 1, delta: -9, reorderPoint: 0 },
      ])
      .when('commit', ask(1, 4))
      .then([{ type: 'StockCommitted', orderId: order(1), allocations: [at('wh_maa', 4)] }]);
    expect(sold.state.lapsed).toEqual({});
    expect(sold.view()).toMatchObject({ available: 17, reserved: 0, sold: 4 });
  });

  const releasedNothing = (n: number): SkuEvent => ({ type: 'StockReleased', orderId: order(n), allocations: [] });
});

test('one command takes back a bounded number of expired holds, or as many as it needs', () => {
  const holds = Array.from({ length: MAX_LAPSES + 50 }, (_, n) => reserved(n, at('wh_blr', 1)));
  const story = given(sku, [stocked('wh_blr', MAX_LAPSES + 50), ...holds]);
  const lapsesOf = (quantity: number) => {
    const { decision } = story.when('reserve', { ...ask(9_999, quantity), expiresAt: LATER * 2 }, LATER);
    return decision.accepted ? decision.events.filter(({ type }) => type === 'HoldLapsed').length : 'refused';
  };
  expect(lapsesOf(1)).toBe(MAX_LAPSES);
  expect(lapsesOf(MAX_LAPSES + 20)).toBe(MAX_LAPSES + 20);
  expect(lapsesOf(MAX_LAPSES + 51)).toBe('refused');
});

describe('stock that is counted', () => {
  const held = [stocked('wh_blr', 10), reserved(1, at('wh_blr', 4))];
  test('not below what is promised', () => {
    const story = given(sku, held);
    const set = { warehouseId: wh('wh_blr'), pincode: BENGALURU };
    story.when('setStock', { ...set, onHand: 3 }).then({ type: 'below-reserved', reserved: 4 });
    story
      .when('adjustStock', { warehouseId: wh('wh_blr'), delta: -7, reason: 'broken' })
      .then({ type: 'below-reserved', reserved: 4 });
    story
      .when('adjustStock', { warehouseId: wh('wh_hyd'), delta: 1, reason: 'found' })
      .then({ type: 'unknown-warehouse', warehouseId: wh('wh_hyd') });
  });
  test('the same count again changes nothing', () => {
    given(sku, held)
      .when('setStock', { warehouseId: wh('wh_blr'), pincode: warehouses.wh_blr as string as Pincode, onHand: 10 })
      .then([]);
  });
});

describe('what comes back', () => {
  const sold: SkuEvent[] = [
    stocked('wh_blr', 10),
    reserved(1, at('wh_blr', 4)),
    { type: 'StockCommitted', orderId: order(1), allocations: [at('wh_blr', 4)] },
  ];
  const back = { orderId: order(1), reference: 'cancel', allocations: [at('wh_blr', 1)] };

  test('once for each cause, and never more than was sold', () => {
    const story = given(sku, sold)
      .when('restock', back)
      .then([{ type: 'StockRestocked', ...back }])
      .when('restock', back)
      .then([])
      .when('restock', { ...back, reference: 'ret_1', allocations: [at('wh_blr', 4)] })
      .then([]);
    expect(story.view()).toMatchObject({ available: 7, sold: 3, received: 10 });
  });

  test('of an order that was never sold is a release', () => {
    given(sku, [stocked('wh_blr', 10), reserved(2, at('wh_blr', 4)), ...sold.slice(1)])
      .when('restock', { ...back, orderId: order(2) })
      .then([{ type: 'StockReleased', orderId: order(2), allocations: [at('wh_blr', 4)] }]);
  });

  test('however many came since, a repeat is known; what is as old as no order lives is forgotten', () => {
    const restocked = (state: SkuState, count: number, name: string, from: number): SkuState =>
      Array.from({ length: count }).reduce<SkuState>(
        (before, _, i) =>
          sku.evolve(
            before,
            { type: 'StockRestocked', ...back, reference: `${name}_${i}` },
            { at: from + i * 1_000, version: 1 },
          ),
        state,
      );
    const many = restocked(given(sku, sold).state, 2_000, 'ret', STORY_BEGINS);
    expect(Object.keys(many.restocks)).toHaveLength(2_000);
    expect(sku.decide.restock(many, { ...back, reference: 'ret_0' }, STORY_BEGINS)).toMatchObject({ events: [] });
    const old = restocked(many, 2, 'late', STORY_BEGINS + 2_000_000 + RESTOCKS_KNOWN_MS);
    expect(Object.keys(old.restocks)).toEqual(['ord_1:late_0', 'ord_1:late_1']);
  });
});

describe('the reorder point', () => {
  const low = (available: number): SkuEvent => ({ type: 'ReorderPointReached', warehouseId: wh('wh_blr'), available });
  test('is told once for each fall', () => {
    given(sku, [stocked('wh_blr', 10, 5)])
      .when('reserve', ask(1, 4))
      .then([reserved(1, at('wh_blr', 4))])
      .when('reserve', ask(2, 1))
      .then([reserved(2, at('wh_blr', 1)), low(5)])
      .when('reserve', ask(3, 1))
      .then([reserved(3, at('wh_blr', 1))])
      .when('release', { orderId: order(1) })
      .then([{ type: 'StockReleased', orderId: order(1), allocations: [at('wh_blr', 4)] }])
      .when('adjustStock', { warehouseId: wh('wh_blr'), delta: -4, reason: 'broken' })
      .then([{ type: 'StockAdjusted', warehouseId: wh('wh_blr'), delta: -4, reason: 'broken' }, low(4)]);
  });
});
