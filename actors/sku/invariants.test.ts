/** Under any commands in any order by any clock: a unit is promised to one buyer only, and every unit is accounted for. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OrderId, Pincode, WarehouseId } from '../ids.ts';
import { STORY_BEGINS } from '../runtime/testing/given.ts';
import { sku } from './kind.ts';
import type { SkuEvent, SkuState } from './sku.ts';

const warehouseId = fc.constantFrom('wh_1', 'wh_2', 'wh_3').map((id) => id as WarehouseId);
const orderId = fc.nat(12).map((n) => `ord_${n}` as OrderId);
const pincode = fc.constantFrom('110037', '560001', '560048', '600032').map((code) => code as Pincode);
const quantity = fc.integer({ min: 1, max: 6 });
const allocations = fc.array(fc.record({ warehouseId, quantity }), { minLength: 1, maxLength: 2 });
const { decide } = sku;
type Decide = (state: SkuState, now: number) => ReturnType<(typeof decide)[keyof typeof decide]>;

const command: fc.Arbitrary<Decide> = fc.oneof(
  fc.record({ warehouseId, pincode, onHand: fc.nat(12), reorderPoint: fc.nat(4) }).map(
    (input): Decide =>
      (state, now) =>
        decide.setStock(state, input, now),
  ),
  fc.record({ warehouseId, delta: fc.integer({ min: -6, max: 6 }), reason: fc.constant('count') }).map(
    (input): Decide =>
      (state, now) =>
        decide.adjustStock(state, input, now),
  ),
  fc.record({ orderId, quantity, pincode, ttl: fc.nat(5_000) }).map(
    ({ ttl, ...input }): Decide =>
      (state, now) =>
        decide.reserve(state, { ...input, expiresAt: now + ttl }, now),
  ),
  fc.record({ orderId, quantity, pincode }).map(
    (input): Decide =>
      (state, now) =>
        decide.commit(state, input, now),
  ),
  orderId.map(
    (id): Decide =>
      (state, now) =>
        decide.release(state, { orderId: id }, now),
  ),
  fc.record({ orderId, reference: fc.constantFrom('cancel', 'ret_1'), allocations }).map(
    (input): Decide =>
      (state, now) =>
        decide.restock(state, input, now),
  ),
);

function check(state: SkuState, now: number): void {
  const holds = Object.values(state.holds);
  let onHand = 0;
  for (const [id, stock] of Object.entries(state.warehouses)) {
    const held = holds.flatMap((hold) => hold.allocations).filter((part) => part.warehouseId === id);
    expect(stock.reserved).toBe(held.reduce((units, part) => units + part.quantity, 0));
    expect(stock.reserved).toBeGreaterThanOrEqual(0);
    expect(stock.onHand - stock.reserved).toBeGreaterThanOrEqual(0);
    onHand += stock.onHand;
  }
  expect(state.received - state.sold + state.restocked).toBe(onHand);
  expect(state.restocked).toBeLessThanOrEqual(state.sold);
  const seconds = holds.map((hold) => hold.expiresAt / 1000);
  expect(state.firstExpiry).toBe(seconds.length === 0 ? null : Math.min(...seconds));
  expect(Object.values(state.expiring).reduce((count, n) => count + n, 0)).toBe(holds.length);
  const view = sku.view(state, now);
  for (const { available, reserved, onHand: counted } of view.warehouses) {
    expect(available + reserved).toBe(counted);
    expect(Math.min(available, reserved)).toBeGreaterThanOrEqual(0);
  }
  expect(view.received - view.sold).toBe(onHand);
  const live = holds.filter((hold) => hold.expiresAt > now).flatMap((hold) => hold.allocations);
  expect(view.reserved).toBe(live.reduce((units, part) => units + part.quantity, 0));
}

test('never oversold, and the sums hold', () => {
  const timed = fc.tuple(command, fc.nat(1_500));
  fc.assert(
    fc.property(fc.array(timed, { maxLength: 80 }), (commands) => {
      let now = STORY_BEGINS;
      let state = sku.initial('sku_1');
      for (const [run, wait] of commands) {
        now += wait;
        const decision = run(state, now);
        if (!decision.accepted) continue;
        for (const event of decision.events) state = sku.evolve(state, event, { at: now, version: 1 });
        check(state, now);
      }
    }),
    { numRuns: 500 },
  );
});

test('an order never holds or is sold more than it asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(command, fc.nat(1_500)), { maxLength: 60 }), (commands) => {
      let now = STORY_BEGINS;
      let state = sku.initial('sku_1');
      const events: SkuEvent[] = [];
      for (const [run, wait] of commands) {
        now += wait;
        const decision = run(state, now);
        if (!decision.accepted) continue;
        for (const event of decision.events) {
          // Sold, given back or lapsed is what was held, to the unit, unless it is served afresh.
          if (event.type === 'StockReleased' || event.type === 'HoldLapsed')
            expect(event.allocations).toEqual(state.holds[event.orderId]?.allocations ?? []);
          if (event.type === 'StockCommitted' && state.holds[event.orderId])
            expect(event.allocations).toEqual(state.holds[event.orderId]?.allocations);
          if (event.type === 'StockReserved') expect(state.holds[event.orderId]).toBeUndefined();
          state = sku.evolve(state, event, { at: now, version: 1 });
          events.push(event);
        }
      }
      // The state survives JSON at any moment and goes on the same.
      expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    }),
  );
});

test('a command on a SKU with many holds costs what it costs with few', () => {
  const cost = (holds: number): number => {
    let state = sku.initial('sku_1');
    const version = { at: STORY_BEGINS, version: 1 };
    const where = { warehouseId: 'wh_1' as WarehouseId, pincode: '560001' as Pincode };
    state = sku.evolve(
      state,
      { type: 'StockSet', ...where, onHand: 1_000_000, delta: 1_000_000, reorderPoint: 0 },
      version,
    );
    const hold = (id: string) => ({
      orderId: id as OrderId,
      quantity: 1,
      pincode: where.pincode,
      expiresAt: STORY_BEGINS + 600_000,
    });
    const run = (id: string) => {
      for (const decision of [decide.reserve(state, hold(id), STORY_BEGINS)])
        if (decision.accepted) for (const event of decision.events) state = sku.evolve(state, event, version);
    };
    for (let i = 0; i < holds; i++) run(`ord_${i}`);
    // Counted, not timed: how often the command goes through the holds.
    let visits = 0;
    const watched = {
      ...state,
      holds: new Proxy(state.holds, {
        ownKeys: (target) => {
          visits += 1;
          return Reflect.ownKeys(target);
        },
      }),
    };
    decide.reserve(watched, hold('ord_x'), STORY_BEGINS);
    decide.reserve(watched, { ...hold('ord_y'), quantity: 2_000_000 }, STORY_BEGINS);
    decide.commit(watched, hold('ord_1'), STORY_BEGINS);
    decide.release(watched, hold('ord_2'), STORY_BEGINS);
    return visits;
  };
  expect(cost(2_000)).toBe(0);
});
