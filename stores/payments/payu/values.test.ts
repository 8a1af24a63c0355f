import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paise } from '../../../actors/ids.ts';
import { paiseOf, rupeesOf } from './rupees.ts';
import { longOf, refundIdOf, shortOf, tokenOf } from './short-ids.ts';

describe('rupees', () => {
  it('are paise with a point, both ways, for every amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 - 1 }), (amount) => {
        expect(paiseOf(rupeesOf(paise(amount)))).toBe(amount);
        expect(rupeesOf(paise(amount))).toMatch(/^\d+\.\d\d$/);
      }),
    );
  });

  it('are read in PayU’s ways of writing, and only with whole paise', () => {
    expect(['10', '10.5', '10.50', '10.500', '0.05', '1.1', '8.29', '1234567.89'].map(paiseOf)).toEqual([
      1_000, 1_050, 1_050, 1_050, 5, 110, 829, 123_456_789,
    ]);
    for (const bad of [
      '',
      '.5',
      '5.',
      '1e3',
      '-1.00',
      '+1',
      '1,000.00',
      '10.505',
      ' 10',
      '10\n',
      'NaN',
      '٣',
      '9'.repeat(14),
    ])
      expect(paiseOf(bad)).toBeUndefined();
    expect(() => rupeesOf(paise(-1))).toThrow(RangeError);
  });
});

describe('short ids', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{32}$/);

  it('lead back to the id, fit PayU’s limits, and are letters and digits', () => {
    fc.assert(
      fc.property(hex, fc.integer({ min: 0, max: 61 }), (digits, attempt) => {
        expect(shortOf(`pay_${digits}`)).toMatch(/^[0-9A-Za-z]{22}$/);
        expect(longOf('pay', shortOf(`pay_${digits}`))).toBe(`pay_${digits}`);
        expect(tokenOf(`rfd_${digits}`, attempt)).toMatch(/^[0-9A-Za-z]{23}$/);
        expect(refundIdOf(tokenOf(`rfd_${digits}`, attempt))).toBe(`rfd_${digits}`);
      }),
    );
  });

  it('are different for each try, and none is made of what is no id', () => {
    const id = `rfd_${'f'.repeat(32)}`;
    expect(new Set([0, 1, 2, 61].map((attempt) => tokenOf(id, attempt))).size).toBe(4);
    expect(() => tokenOf(id, 62)).toThrow(RangeError);
    for (const bad of ['pay_1', 'order_00000000000000', `pay_${'F'.repeat(32)}`])
      expect(() => shortOf(bad)).toThrow(RangeError);
  });

  it('that we did not make lead nowhere', () => {
    for (const foreign of ['', 'ewP8oRopzdHEtC', 'z'.repeat(22), `${'0'.repeat(21)}-`, '0'.repeat(23)])
      expect(longOf('pay', foreign)).toBeUndefined();
  });
});
