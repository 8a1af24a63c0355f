import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OrderId, type ProductId, paise, type SellerId, type Sku } from '../ids.ts';
import { given, STORY_BEGINS } from '../runtime/testing/given.ts';
import { ABANDONED_AFTER_MS, type CartEvent, MAX_LINES, MAX_QUANTITY, type Offer, REMEMBERED_ORDERS } from './cart.ts';
import { cart } from './kind.ts';

const KETTLE = 'kettle' as Sku;
const CUP = 'cup' as Sku;
const offer: Offer = {
  productId: 'prd_1' as ProductId,
  sellerId: 'sel_1' as SellerId,
  name: 'Kettle',
  unitPrice: paise(10_000),
};
const dearer: Offer = { ...offer, unitPrice: paise(12_000) };
const added = (sku: Sku, quantity: number): CartEvent => ({ type: 'ItemAdded', sku, quantity, offer });
const orderId = (n: number) => `ord_${n}` as OrderId;

describe('lines', () => {
  test('adding to a line that is there adds up, and takes the price seen last', () => {
    given(cart, [added(KETTLE, 2)])
      .when('addItem', { sku: KETTLE, quantity: 3, offer: dearer })
      .then([{ type: 'ItemAdded', sku: KETTLE, quantity: 3, offer: dearer }])
      .answers({ lines: [{ sku: KETTLE, quantity: 5, offer: dearer }], updatedAt: STORY_BEGINS });
  });

  test('no more of one thing than the limit, by whatever way', () => {
    const full = given(cart, [added(KETTLE, MAX_QUANTITY)]);
    full.when('addItem', { sku: KETTLE, quantity: 1, offer }).then({ type: 'quantity-limit', limit: MAX_QUANTITY });
    full
      .when('setQuantity', { sku: KETTLE, quantity: MAX_QUANTITY + 1 })
      .then({ type: 'quantity-limit', limit: MAX_QUANTITY });
  });

  test('no more lines than the limit', () => {
    const lines = Array.from({ length: MAX_LINES }, (_, i) => added(`sku-${i}` as Sku, 1));
    const full = given(cart, lines);
    full.when('addItem', { sku: KETTLE, quantity: 1, offer }).then({ type: 'cart-full', limit: MAX_LINES });
    full
      .when('addItem', { sku: 'sku-0' as Sku, quantity: 1, offer })
      .then([{ type: 'ItemAdded', sku: 'sku-0' as Sku, quantity: 1, offer }]);
  });

  test('what is not there cannot be changed', () => {
    const empty = given(cart, []);
    empty.when('setQuantity', { sku: KETTLE, quantity: 1 }).then({ type: 'not-in-cart', sku: KETTLE });
    empty.when('removeItem', { sku: KETTLE }).then({ type: 'not-in-cart', sku: KETTLE });
  });

  test('the same quantity again changes nothing', () => {
    given(cart, [added(KETTLE, 2)])
      .when('setQuantity', { sku: KETTLE, quantity: 2 })
      .then([])
      .when('setQuantity', { sku: KETTLE, quantity: 4 })
      .then([{ type: 'QuantityChanged', sku: KETTLE, quantity: 4 }])
      .when('removeItem', { sku: KETTLE })
      .then([{ type: 'ItemRemoved', sku: KETTLE }])
      .answers({ lines: [], updatedAt: STORY_BEGINS });
  });
});

describe('checking out', () => {
  test('takes out what was ordered, once, and leaves what was added since', () => {
    const ordered = { orderId: orderId(1), lines: [{ sku: KETTLE, quantity: 2 }] };
    const left = given(cart, [added(KETTLE, 3), added(CUP, 1)])
      .when('checkOut', ordered)
      .then([{ type: 'CartCheckedOut', ...ordered }])
      .when('checkOut', ordered)
      .then([]);
    expect(left.view().lines.map(({ sku, quantity }) => [sku, quantity])).toEqual([
      [KETTLE, 1],
      [CUP, 1],
    ]);
  });

  test('the memory of orders is bounded', () => {
    const orders = Array.from(
      { length: REMEMBERED_ORDERS + 5 },
      (_, i): CartEvent => ({ type: 'CartCheckedOut', orderId: orderId(i), lines: [] }),
    );
    expect(given(cart, orders).state.orders).toHaveLength(REMEMBERED_ORDERS);
  });
});

describe('the reminder', () => {
  const noon = STORY_BEGINS + ABANDONED_AFTER_MS / 2;
  const nextDay = STORY_BEGINS + ABANDONED_AFTER_MS;
  const remind = { name: 'abandoned' };
  const at = (state: Parameters<NonNullable<typeof cart.reminders>>[0]) => cart.reminders?.(state);

  test('is set by the first change and not moved by the next', () => {
    const used = given(cart, [added(KETTLE, 1)])
      .when('addItem', { sku: CUP, quantity: 1, offer }, noon)
      .then([added(CUP, 1)]);
    expect(at(used.state)).toEqual([{ name: 'abandoned', at: nextDay }]);
    expect(at(given(cart, []).state)).toEqual([]);
  });

  test('that finds the cart used meanwhile is set again, and then finds it abandoned', () => {
    const again = given(cart, [added(KETTLE, 1)])
      .when('addItem', { sku: CUP, quantity: 1, offer }, noon)
      .then([added(CUP, 1)])
      .when('remind', remind, nextDay)
      .then([{ type: 'AbandonmentPostponed', until: noon + ABANDONED_AFTER_MS }]);
    expect(at(again.state)).toEqual([{ name: 'abandoned', at: noon + ABANDONED_AFTER_MS }]);
    const abandoned = again
      .when('remind', remind, nextDay)
      .then([])
      .when('remind', remind, noon + ABANDONED_AFTER_MS)
      .then([{ type: 'CartAbandoned' }])
      .when('remind', remind, noon + ABANDONED_AFTER_MS)
      .then([]);
    expect(at(abandoned.state)).toEqual([]);
    const later = abandoned.when('setQuantity', { sku: CUP, quantity: 2 }, nextDay * 2);
    const used = later.then([{ type: 'QuantityChanged', sku: CUP, quantity: 2 }]);
    expect(at(used.state)).toEqual([{ name: 'abandoned', at: nextDay * 2 + ABANDONED_AFTER_MS }]);
  });

  test('by a clock that is a little ahead is not lost', () => {
    given(cart, [added(KETTLE, 1)])
      .when('remind', remind, nextDay - 1_000)
      .then([{ type: 'CartAbandoned' }]);
  });

  test('that found the cart empty is set anew by the next change', () => {
    const emptied = given(cart, [added(KETTLE, 1), { type: 'ItemRemoved', sku: KETTLE }])
      .when('remind', remind, nextDay)
      .then([]);
    const used = emptied.when('addItem', { sku: CUP, quantity: 1, offer }, nextDay + 1).then([added(CUP, 1)]);
    expect(at(used.state)).toEqual([{ name: 'abandoned', at: nextDay + 1 + ABANDONED_AFTER_MS }]);
  });
});

test('whatever is done: quantities within 1 and the limit, each SKU once, reminders only in the future', () => {
  const sku = fc.constantFrom('a', 'b', 'c').map((name) => name as Sku);
  const quantity = fc.integer({ min: 1, max: MAX_QUANTITY });
  const lines = fc.array(fc.record({ sku, quantity }), { maxLength: 3 });
  const step = fc.oneof(
    fc.record({ type: fc.constant('addItem' as const), sku, quantity }),
    fc.record({ type: fc.constant('setQuantity' as const), sku, quantity }),
    fc.record({ type: fc.constant('removeItem' as const), sku }),
    fc.record({ type: fc.constant('checkOut' as const), orderId: fc.nat(20).map(orderId), lines }),
    fc.record({ type: fc.constant('remind' as const), name: fc.constant('abandoned') }),
  );
  const timed = fc.tuple(step, fc.nat(ABANDONED_AFTER_MS));
  fc.assert(
    fc.property(fc.array(timed, { maxLength: 40 }), (steps) => {
      let now = STORY_BEGINS;
      let state = cart.initial('usr_1');
      for (const [input, wait] of steps) {
        now += wait;
        const { decide } = cart;
        const decision =
          input.type === 'addItem'
            ? decide.addItem(state, { ...input, offer }, now)
            : input.type === 'setQuantity'
              ? decide.setQuantity(state, input, now)
              : input.type === 'removeItem'
                ? decide.removeItem(state, input, now)
                : input.type === 'checkOut'
                  ? decide.checkOut(state, input, now)
                  : decide.remind(state, input, now);
        if (!decision.accepted) continue;
        for (const event of decision.events) state = cart.evolve(state, event, { at: now, version: 1 });
        expect(new Set(state.lines.map((line) => line.sku)).size).toBe(state.lines.length);
        for (const line of state.lines) {
          expect(line.quantity).toBeGreaterThanOrEqual(1);
          expect(line.quantity).toBeLessThanOrEqual(MAX_QUANTITY);
        }
        if (decision.events.length > 0 && input.type !== 'remind') expect(state.remindAt).toBeGreaterThan(now);
      }
    }),
  );
});

describe('a coupon', () => {
  test('stays with the cart until another takes its place, it is taken out, or it goes into an order', () => {
    const lines = [{ sku: KETTLE, quantity: 1, offer }];
    const entered = given(cart, [added(KETTLE, 1)])
      .when('applyCoupon', { code: 'TEA10' })
      .then([{ type: 'CouponApplied', code: 'TEA10' }])
      .answers({ lines, coupon: 'TEA10', updatedAt: STORY_BEGINS })
      .when('applyCoupon', { code: 'TEA10' })
      .then([])
      .when('applyCoupon', { code: 'TEA20' })
      .then([{ type: 'CouponApplied', code: 'TEA20' }]);
    entered
      .when('removeCoupon', {})
      .then([{ type: 'CouponRemoved' }])
      .answers({ lines, updatedAt: STORY_BEGINS })
      .when('removeCoupon', {})
      .then([]);
    const ordered = entered.when('checkOut', { orderId: orderId(1), lines: [] });
    expect(ordered.then([{ type: 'CartCheckedOut', orderId: orderId(1), lines: [] }]).view()).toEqual({
      lines,
      orders: 1,
      updatedAt: STORY_BEGINS,
    });
  });
});
