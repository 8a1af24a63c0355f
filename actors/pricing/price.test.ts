import { describe, expect, test } from 'vitest';
import { type PromotionId, paise, type SellerId, type Sku } from '../ids.ts';
import { price } from './price.ts';
import { refundOf } from './refund.ts';
import type { PriceRequest } from './request.ts';
import type { StateCode } from './tax/states.ts';
import { type BENGALURU, GUWAHATI, item, MUMBAI, NOW, offer, order } from './testing/baskets.ts';

const quoted = (more: Partial<PriceRequest>) => {
  const priced = price(order(more));
  if (!priced.ok) throw new Error(JSON.stringify(priced.faults));
  return priced.quote;
};
const netOf = (more: Partial<PriceRequest>) => quoted(more).lines.map(({ net }) => net);
const refusedIn = (more: Partial<PriceRequest>) => quoted(more).offers.refused;
const idOf = (id: string) => `prm_${id}` as PromotionId;

test('an order without offers: prices as they are, the tax inside', () => {
  const quote = quoted({});
  expect(quote.totals).toEqual({ items: 100_000, discount: 0, shipping: 0, tax: 15_254, total: 100_000 });
  expect(quote.lines[0]?.tax).toEqual({
    ...{ rate: 1_800, levy: 'sgst', taxable: 84_746, cgst: 7_627, sgst: 7_627, igst: 0 },
  });
});

describe('offers', () => {
  test('a percentage, rounded half up once and spread over the lines', () => {
    const items = [
      item('A', { unitPrice: paise(3_33) }),
      item('B', { unitPrice: paise(3_34) }),
      item('C', { unitPrice: paise(3_38) }),
    ];
    const quote = quoted({ items, offers: [offer('ten')] });
    // 10 % of ₹10.05 = 100.5 paise: 101, of which 33.47, 33.57 and 33.97.
    expect(quote.totals.discount).toBe(101);
    expect(quote.lines.map(({ gross, net }) => gross - net)).toEqual([33, 34, 34]);
  });

  test('at most its cap; a sum off no more than there is', () => {
    expect(
      netOf({ offers: [offer('half', { benefit: { type: 'percent', basisPoints: 5_000 }, cap: paise(150_00) })] }),
    ).toEqual([850_00]);
    expect(netOf({ offers: [offer('all', { benefit: { type: 'flat', amount: paise(9_999_00) } })] })).toEqual([0]);
  });

  test('buy two, get one: the cheapest of each full three, spread over all three', () => {
    const free = offer('b2g1', { benefit: { type: 'buy-x-get-y', buy: 2, get: 1, basisPoints: 10_000 } });
    const items = [
      item('A', { unitPrice: paise(600_00), quantity: 2 }),
      item('B', { unitPrice: paise(300_00), quantity: 2 }),
    ];
    // 600, 600, 300 | 300: one of B is free, and of its 300 the two of A bear 240.
    const quote = quoted({ items, offers: [free] });
    expect(quote.lines.map(({ net }) => net)).toEqual([1_200_00 - 240_00, 600_00 - 60_00]);
    expect(refusedIn({ items: [item('A', { quantity: 2 })], offers: [free] })).toEqual([
      { id: idOf('b2g1'), reason: 'too-few-items' },
    ]);
  });

  test('what is bought of scope counts, and what is not stays as it is', () => {
    const items = [
      item('A', { category: ['Clothing', 'Shirts'] }),
      item('B', { brand: null }),
      item('C', { sellerId: 'sel_2' as SellerId }),
    ];
    const with_ = (scope: object) => netOf({ items, offers: [offer('x', { scope })] }).map((net) => net < 1_000_00);
    expect(with_({ categories: [['Clothing']] })).toEqual([true, false, false]);
    expect(with_({ brands: ['Tarang'] })).toEqual([true, false, true]);
    expect(with_({ sellers: ['sel_2'], brands: ['Tarang'] })).toEqual([false, false, true]);
    expect(with_({ skus: ['A', 'B'], exceptSkus: ['B'] })).toEqual([true, false, false]);
    expect(refusedIn({ items, offers: [offer('x', { scope: { skus: ['Z'] } })] })).toEqual([
      { id: idOf('x'), reason: 'no-eligible-items' },
    ]);
  });

  test('stackable ones take their turns on what is left; of a group the best; an exclusive one when it is better', () => {
    const ten = offer('ten', { priority: 1 });
    const flat = offer('flat', { benefit: { type: 'flat', amount: paise(100_00) }, priority: 0 });
    expect(netOf({ offers: [ten, flat] })).toEqual([810_00]);
    const inGroup = (each: typeof ten) => ({ ...each, stacking: { type: 'stackable', group: 'g' } as const });
    const twenty = offer('twenty', { benefit: { type: 'percent', basisPoints: 2_000 } });
    expect(netOf({ offers: [inGroup(ten), inGroup(twenty), flat] })).toEqual([720_00]);
    const alone = offer('alone', { benefit: { type: 'percent', basisPoints: 3_000 }, stacking: { type: 'exclusive' } });
    const quote = quoted({ offers: [ten, flat, alone] });
    expect(quote.offers.applied.map(({ id }) => id)).toEqual([alone.id]);
    expect(quote.offers.refused.map(({ reason }) => reason)).toEqual(['better-offer-applied', 'better-offer-applied']);
  });

  test('a coupon counts when it is entered', () => {
    const coupon = offer('SAVE', { code: 'SAVE' });
    expect(quoted({ offers: [coupon] }).offers).toEqual({ applied: [], refused: [] });
    const entered = quoted({ offers: [coupon], coupons: ['SAVE', 'GONE'] }).offers;
    expect(entered.applied).toEqual([{ id: coupon.id, code: 'SAVE', title: 'SAVE', goods: 100_00, shipping: 0 }]);
    expect(entered.refused).toEqual([{ code: 'GONE', reason: 'unknown-coupon' }]);
  });

  test.each([
    ['offer-not-started', { startsAt: NOW + 1 }, {}],
    ['offer-ended', { endsAt: NOW }, {}],
    ['not-first-order', { audience: { firstOrder: true } }, {}],
    ['not-in-segment', { audience: { segments: ['gold'] } }, {}],
    ['payment-method-not-eligible', { payment: { methods: ['card' as const] } }, {}],
    ['bank-not-eligible', { payment: { methods: ['upi' as const], banks: ['HDFC'] } }, {}],
    ['offer-exhausted', {}, { outOfReach: { [idOf('x')]: 'offer-exhausted' as const } }],
    ['no-benefit', { benefit: { type: 'free-shipping' as const } }, {}],
  ])('is refused: %s', (reason, terms, request) => {
    expect(refusedIn({ offers: [offer('x', terms)], ...request })).toEqual([{ id: idOf('x'), reason }]);
  });

  test('below the minimum it is told how much is missing', () => {
    const offers = [offer('x', { minimum: paise(1_200_00) })];
    expect(refusedIn({ offers })).toEqual([{ id: idOf('x'), reason: 'below-minimum', missing: 200_00 }]);
  });

  test('one that would cost more than it takes is not taken: the order would fall below free shipping', () => {
    const items = [item('A', { unitPrice: paise(500_00) })];
    const little = offer('little', { benefit: { type: 'flat', amount: paise(5_00) } });
    const { totals, offers } = quoted({ items, offers: [little] });
    expect(totals).toMatchObject({ discount: 0, shipping: 0, total: 500_00 });
    expect(offers.refused).toEqual([{ id: little.id, reason: 'no-benefit' }]);
  });
});

describe('beside others', () => {
  const items = [item('A', { unitPrice: paise(500_00) })];
  const free = offer('free', { benefit: { type: 'free-shipping' }, priority: 9 });

  test('free shipping helps when they bring the goods below the threshold', () => {
    const { totals, offers } = quoted({ items, offers: [offer('ten'), free] });
    expect(totals).toMatchObject({ discount: 50_00, shipping: 0, total: 450_00 });
    expect(offers.applied.map(({ id }) => id)).toEqual([idOf('ten'), free.id]);
  });

  test('the one that brings them below it is left out, where it costs more than it takes', () => {
    const flat = (id: string, rupees: number) => offer(id, { benefit: { type: 'flat', amount: paise(rupees * 100) } });
    const thousand = [item('A', { unitPrice: paise(1_000_00) })];
    const { totals, offers } = quoted({ items: thousand, offers: [flat('a', 300), flat('b', 200), flat('c', 5)] });
    // 495 and 40 for shipping, or 500.
    expect(totals).toMatchObject({ discount: 500_00, shipping: 0, total: 500_00 });
    expect(offers.refused).toEqual([{ id: idOf('c'), reason: 'better-offer-applied' }]);
    const more = quoted({ items: thousand, offers: [flat('a', 300), flat('b', 200), flat('c', 50)] });
    expect(more.totals).toMatchObject({ discount: 550_00, shipping: 40_00, total: 490_00 });
  });
});

describe('charges', () => {
  const small = [item('TEA', { unitPrice: paise(100_00), hsn: '0902' })];

  test('shipping and the fee for cash are taxed as the goods are', () => {
    const quote = quoted({ items: small, payment: { method: 'cod' } });
    expect(quote.totals).toMatchObject({ items: 100_00, shipping: 40_00 + 29_00, total: 169_00 });
    // 5 %: of 100 rupees 2.38 twice, of 69 rupees 1.64 twice.
    expect(quote.lines[0]?.charges.tax).toMatchObject({ rate: 500, cgst: 164, sgst: 164, taxable: 69_00 - 328 });
    expect(quote.totals.tax).toBe(2 * 238 + 2 * 164);
  });

  test('each seller’s parcel by weight and zone; its charge is borne by what is in it', () => {
    const items = [
      ...small,
      item('BOOK', { unitPrice: paise(50_00), hsn: '4901', origin: MUMBAI, sellerId: 'sel_2' as SellerId, grams: 501 }),
    ];
    const quote = quoted({ items });
    expect(quote.parcels.map(({ zone, charge }) => [zone, charge])).toEqual([
      ['local', 40_00],
      ['metro', 85_00],
    ]);
    expect(quote.lines.map((line) => line.charges.amount)).toEqual([40_00, 85_00]);
  });

  test('an offer of free shipping takes the charge, to its cap, and not the fee for cash', () => {
    const free = offer('free', { benefit: { type: 'free-shipping' } });
    const far = { items: small, deliverTo: GUWAHATI, payment: { method: 'cod' as const } };
    expect(quoted({ ...far, offers: [free] })).toMatchObject({
      shipping: { before: 80_00, charged: 0 },
      totals: { shipping: 29_00 },
    });
    expect(quoted({ ...far, offers: [{ ...free, cap: paise(50_00) }] }).totals.shipping).toBe(30_00 + 29_00);
  });

  test('nothing is charged for nothing', () => {
    expect(quoted({ items: [], payment: { method: 'cod' } }).totals).toEqual({
      items: 0,
      discount: 0,
      shipping: 0,
      tax: 0,
      total: 0,
    });
  });
});

describe('tax', () => {
  test('across states it is IGST, in a union territory UTGST', () => {
    expect(quoted({ deliverTo: MUMBAI }).lines[0]?.tax).toMatchObject({
      levy: 'igst',
      igst: 15_254,
      cgst: 0,
      taxable: 84_746,
    });
    const chandigarh = { pincode: '160001' as typeof BENGALURU.pincode, state: '04' as StateCode };
    expect(
      quoted({ deliverTo: chandigarh, items: [item('A', { sellerState: '04' as StateCode })] }).lines[0]?.tax.levy,
    ).toBe('utgst');
  });

  test('a discount can bring a shirt below the value from which the higher rate is due', () => {
    const shirt = item('SHIRT', { hsn: '6205', unitPrice: paise(2_800_00) });
    expect(quoted({ items: [shirt] }).lines[0]?.tax.rate).toBe(1_800);
    expect(quoted({ items: [shirt], offers: [offer('ten')] }).lines[0]?.tax.rate).toBe(500);
  });

  test('what is not in the tariff, or there twice, is a fault', () => {
    expect(price(order({ items: [item('A', { hsn: '2402' })] }))).toEqual({
      ok: false,
      faults: [{ sku: 'A', code: 'unknown-hsn' }],
    });
    expect(price(order({ items: [item('A'), item('A')] }))).toEqual({
      ok: false,
      faults: [{ sku: 'A' as Sku, code: 'duplicate-sku' }],
    });
  });
});

test('units of a line that does not divide: the first ones have the odd paise', () => {
  const line = quoted({
    items: [item('A', { unitPrice: paise(100), quantity: 3 })],
    offers: [offer('x', { benefit: { type: 'flat', amount: paise(200) } })],
  }).lines[0];
  if (line === undefined) throw new Error('no line');
  const back = (before: number, units: number) => refundOf(line, { before, units, withCharges: false }).amount;
  expect([back(0, 1), back(1, 1), back(2, 1)]).toEqual([34, 33, 33]);
  expect([back(0, 2), back(2, 1), back(0, 3)]).toEqual([67, 33, 100]);
  expect(() => back(2, 2)).toThrow(RangeError);
});
