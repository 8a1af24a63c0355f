/** What holds for every order, however strange: the laws that money keeps. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { paise, type Sku, sum, times } from '../ids.ts';
import { price } from './price.ts';
import { type RefundedUnits, refundOf } from './refund.ts';
import type { PriceRequest, Quote, QuotedLine } from './request.ts';
import { proportion, spread } from './spread.ts';
import { taxOf } from './tax/gst.ts';
import { anyOrder } from './testing/baskets.ts';

const quoted = (request: PriceRequest): Quote => {
  const priced = price(request);
  if (!priced.ok) throw new Error(JSON.stringify(priced.faults));
  return priced.quote;
};
const forAll = (holds: (quote: Quote, request: PriceRequest) => void, numRuns = 1_000): void =>
  fc.assert(
    fc.property(anyOrder, (request) => holds(quoted(request), request)),
    { numRuns },
  );
const discountsOf = ({ discounts }: QuotedLine) => sum(discounts.map(({ amount }) => amount));

test('nothing is negative, and no line is discounted by more than it costs', () => {
  forAll(({ lines, totals, shipping, codFee }) => {
    for (const line of lines) {
      const { net, gross, charges, tax } = line;
      const amounts = [net, charges.amount, tax.taxable, tax.cgst, tax.sgst, tax.igst, charges.tax.taxable];
      expect(Math.min(...amounts, ...line.discounts.map(({ amount }) => amount))).toBeGreaterThanOrEqual(0);
      expect(net + discountsOf(line)).toBe(gross);
      expect(gross).toBe(times(line.unitPrice, line.quantity));
    }
    expect(Math.min(...Object.values(totals), shipping.charged, codFee)).toBeGreaterThanOrEqual(0);
    expect(shipping.charged).toBeLessThanOrEqual(shipping.before);
  });
});

test('sums are exact to the paisa', () => {
  forAll(({ lines, totals, shipping, codFee, offers }) => {
    expect(totals.items).toBe(sum(lines.map(({ gross }) => gross)));
    expect(totals.discount).toBe(sum(lines.map(discountsOf)));
    expect(totals.discount).toBe(sum(offers.applied.map(({ goods }) => goods)));
    expect(totals.shipping).toBe(shipping.charged + codFee);
    expect(shipping.before - shipping.charged).toBe(sum(offers.applied.map((each) => each.shipping)));
    expect(sum(lines.map(({ charges }) => charges.amount))).toBe(totals.shipping);
    expect(totals.total).toBe(totals.items - totals.discount + totals.shipping);
    for (const { net, charges, tax } of lines) {
      expect(tax.taxable + taxOf(tax)).toBe(net);
      expect(charges.tax.taxable + taxOf(charges.tax)).toBe(charges.amount);
    }
    expect(totals.tax).toBe(sum(lines.flatMap(({ tax, charges }) => [taxOf(tax), taxOf(charges.tax)])));
  });
});

test('an offer takes no more than its cap, and takes something', () => {
  forAll(({ offers }, request) => {
    for (const { id, goods, shipping } of offers.applied) {
      const cap = request.offers.find((offer) => offer.id === id)?.cap ?? Number.POSITIVE_INFINITY;
      expect(goods + shipping).toBeLessThanOrEqual(cap);
      expect(goods + shipping).toBeGreaterThan(0);
    }
  });
});

test('an exclusive offer is alone, and of a group there is one', () => {
  forAll(({ offers: { applied } }, request) => {
    const taken = request.offers.filter(({ id }) => applied.some((each) => each.id === id));
    if (taken.some(({ stacking }) => stacking.type === 'exclusive')) expect(taken).toHaveLength(1);
    const groups = taken.flatMap(({ stacking }) => (stacking.type === 'stackable' ? (stacking.group ?? []) : []));
    expect(new Set(groups).size).toBe(groups.length);
  });
});

test('every offer that counts is either applied or refused with a reason', () => {
  forAll(({ offers: { applied, refused } }, { offers, coupons }) => {
    const told = [...applied, ...refused].map(({ id, code }) => id ?? code);
    expect(new Set(told).size).toBe(told.length);
    for (const { id, code } of offers) expect(told.includes(id)).toBe(code === undefined || coupons.includes(code));
  });
});

test('no offer makes an order dearer', () => {
  forAll(({ totals }, request) => {
    expect(totals.total).toBeLessThanOrEqual(quoted({ ...request, offers: [] }).totals.total);
    for (const each of request.offers)
      expect(totals.total).toBeLessThanOrEqual(quoted({ ...request, offers: [each] }).totals.total);
  }, 300);
});

test('the order of items, offers and coupons does not matter', () => {
  const shuffled = anyOrder.chain((request) =>
    fc.record({
      request: fc.constant(request),
      items: fc.shuffledSubarray([...request.items], { minLength: request.items.length }),
      offers: fc.shuffledSubarray([...request.offers], { minLength: request.offers.length }),
      coupons: fc.shuffledSubarray([...request.coupons], { minLength: request.coupons.length }),
    }),
  );
  const bySku = (a: { sku: Sku }, b: { sku: Sku }): number => (a.sku < b.sku ? -1 : 1);
  const sorted = (quote: Quote) => ({ ...quote, lines: [...quote.lines].sort(bySku) });
  fc.assert(
    fc.property(shuffled, ({ request, ...other }) => {
      expect(sorted(quoted({ ...request, ...other }))).toEqual(sorted(quoted(request)));
    }),
    { numRuns: 1_000 },
  );
});

test('refunds of a line, in whatever steps its units come back, sum to what was paid for it', () => {
  const orderAndSteps = fc.record({
    request: anyOrder,
    steps: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 20, maxLength: 20 }),
    withCharges: fc.boolean(),
  });
  fc.assert(
    fc.property(orderAndSteps, ({ request, steps, withCharges }) => {
      for (const line of quoted(request).lines) {
        const refunds: RefundedUnits[] = [];
        for (let before = 0, step = 0; before < line.quantity; step++) {
          const units = Math.min(steps[step] ?? 1, line.quantity - before);
          refunds.push(refundOf(line, { before, units, withCharges }));
          before += units;
        }
        for (const part of refunds) {
          expect(Math.min(part.amount, part.cgst, part.sgst, part.igst)).toBeGreaterThanOrEqual(0);
          // Two halves of a tax do not fit into a unit of one paisa.
          expect(part.taxable).toBeGreaterThanOrEqual(line.net >= 5 * line.quantity ? 0 : -2 * line.quantity);
          expect(part.cgst).toBe(part.sgst);
          expect(part.taxable + part.cgst + part.sgst + part.igst).toBe(part.amount);
        }
        const whole = withCharges ? line.net + line.charges.amount : line.net;
        const taxes = withCharges ? taxOf(line.tax) + taxOf(line.charges.tax) : taxOf(line.tax);
        expect(sum(refunds.map(({ amount }) => amount))).toBe(whole);
        expect(sum(refunds.flatMap(({ cgst, sgst, igst }) => [cgst, sgst, igst]))).toBe(taxes);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('what is too large for a double on the way is exact all the same', () => {
  // (10¹² − 1)² = 10¹² × (10¹² − 2) + 1
  const most = 1_000_000_000_000;
  expect(proportion(most - 1, most - 1, most)).toEqual({ quotient: most - 2, remainder: 1 });
});

test('spreading: exact, fair to the paisa, never above the weight, whatever the order', () => {
  const shares = fc.array(fc.integer({ min: 0, max: 1_000_000_000_000 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(shares, fc.double({ min: 0, max: 1, noNaN: true }), (weights, part) => {
      const whole = weights.reduce((a, b) => a + b, 0);
      const total = paise(Math.floor(whole * part));
      const keyed = weights.map((weight, index) => ({ key: `${index}`, weight }));
      const parts = spread(total, keyed);
      expect(sum(parts)).toBe(total);
      for (const [index, each] of parts.entries()) {
        const weight = weights[index] ?? 0;
        expect(each).toBeLessThanOrEqual(whole === 0 ? total : weight);
        if (whole > 0) {
          const off = BigInt(each) * BigInt(whole) - BigInt(total) * BigInt(weight);
          expect((off < 0n ? -off : off) < BigInt(whole)).toBe(true);
        }
      }
      expect([...spread(total, [...keyed].reverse())].reverse()).toEqual(parts);
    }),
  );
});
