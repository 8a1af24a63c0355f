import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paise } from '../ids.ts';
import { GST_PERCENT, totalsOf } from './totals.ts';

const line = (unitPrice: number, quantity = 1) => ({ unitPrice: paise(unitPrice), quantity });

describe('totals', () => {
  it('ships for 40 rupees below 499, free from there', () => {
    expect(totalsOf([line(498_99)])).toEqual({
      items: 49_899,
      discount: 0,
      shipping: 4_000,
      tax: 8_222,
      total: 53_899,
    });
    expect(totalsOf([line(249_50, 2)])).toEqual({ items: 49_900, discount: 0, shipping: 0, tax: 7_612, total: 49_900 });
  });

  it('ships nothing for nothing', () => {
    expect(totalsOf([])).toEqual({ items: 0, discount: 0, shipping: 0, tax: 0, total: 0 });
  });

  it('takes the discount off before it looks whether shipping is free', () => {
    expect(totalsOf([line(500_00)], paise(2_00)).shipping).toBe(4_000);
  });

  it('is exact in paise: the parts add up, and tax is within half a paisa of its share', () => {
    const lines = fc.array(
      fc.record({ unitPrice: fc.integer({ min: 1, max: 10_000_000_00 }), quantity: fc.integer({ min: 1, max: 10 }) }),
      { maxLength: 50 },
    );
    fc.assert(
      fc.property(lines, (drawn) => {
        const totals = totalsOf(drawn.map(({ unitPrice, quantity }) => line(unitPrice, quantity)));
        expect(totals.total).toBe(totals.items - totals.discount + totals.shipping);
        expect(Math.abs(totals.tax * (100 + GST_PERCENT) - totals.total * GST_PERCENT) * 2).toBeLessThanOrEqual(
          100 + GST_PERCENT,
        );
      }),
    );
  });
});
