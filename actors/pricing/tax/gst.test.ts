import { expect, test } from 'vitest';
import { EVERYDAY } from '../../../stores/catalogue/seed/everyday.ts';
import { HOME } from '../../../stores/catalogue/seed/home.ts';
import { WEAR } from '../../../stores/catalogue/seed/wear.ts';
import { paise } from '../../ids.ts';
import { hsnOfCategory } from './classification.ts';
import { dayBegins } from './dates.ts';
import { basisPoints, rateAt, taxInside } from './gst.ts';
import { TARIFF } from './rates.ts';
import { levyOf, type StateCode, stateCodeOf, stateName, stateOfGstin } from './states.ts';

const REFORM = dayBegins('2025-09-22');
const KARNATAKA = '29' as StateCode;

test('a day begins at midnight in India', () => {
  for (const day of ['1970-01-01', '2000-02-29', '2017-07-01', '2024-02-29', '2025-09-22', '2026-12-31'])
    expect(new Date(dayBegins(day)).toISOString()).toBe(new Date(`${day}T00:00:00+05:30`).toISOString());
});

test.each([
  ['3305 shampoo', '33051090', 1_800, 500],
  ['8415 air conditioners', '8415', 2_800, 1_800],
  ['2202 10 aerated waters', '22021010', 2_800, 4_000],
  ['4820 20 exercise books', '48202000', 1_200, 0],
  ['3305 hair dye', '33059040', 1_800, 1_800],
  ['0902 tea', '09023020', 500, 500],
  ['8518 headphones', '85183000', 1_800, 1_800],
])('%s, to the last millisecond of the old rates and from the first of the new', (_, hsn, before, since) => {
  expect([rateAt(hsn, REFORM - 1), rateAt(hsn, REFORM)]).toEqual([before, since]);
});

test('older changes are there too, and what was before GST is not', () => {
  expect(rateAt('8517', dayBegins('2020-03-31'))).toBe(1_200);
  expect(rateAt('8517', dayBegins('2020-04-01'))).toBe(1_800);
  expect(rateAt('8517', dayBegins('2017-06-30'))).toBeUndefined();
  expect(rateAt('2402', REFORM)).toBeUndefined();
  // 2202 10 is known, not all of 2202.
  expect(rateAt('2202', REFORM)).toBeUndefined();
});

test('the rate of clothing and shoes goes by the value of a piece without tax', () => {
  const rate = rateAt('6205', REFORM) ?? 0;
  // ₹2,500 and 5 % are ₹2,625.
  expect(basisPoints(rate, paise(2_625_00), 1)).toBe(500);
  expect(basisPoints(rate, paise(2_625_01), 1)).toBe(1_800);
  expect(basisPoints(rate, paise(2 * 2_625_00), 2)).toBe(500);
  expect(basisPoints(rateAt('6403', REFORM - 1) ?? 0, paise(1_120_00), 1)).toBe(1_200);
});

test('within a state the halves are equal, each rounded half up', () => {
  // 9 / 118 of ₹1.05 = 8.0085 paise; of ₹5.90 exactly 45.
  expect(taxInside(paise(105), 1_800, { from: KARNATAKA, to: KARNATAKA })).toMatchObject({
    cgst: 8,
    sgst: 8,
    taxable: 89,
  });
  expect(taxInside(paise(590), 1_800, { from: KARNATAKA, to: KARNATAKA })).toMatchObject({
    cgst: 45,
    sgst: 45,
    taxable: 500,
  });
  // 2.5 / 105 of 21 paise is half a paisa.
  expect(taxInside(paise(21), 500, { from: KARNATAKA, to: KARNATAKA })).toMatchObject({
    cgst: 1,
    sgst: 1,
    taxable: 19,
  });
  expect(taxInside(paise(21), 500, { from: KARNATAKA, to: '27' as StateCode })).toMatchObject({ igst: 1, taxable: 20 });
});

test('the tariff is well formed', () => {
  const codes = TARIFF.map(({ hsn }) => hsn);
  expect(new Set(codes).size).toBe(codes.length);
  for (const { hsn, rates } of TARIFF) {
    expect(hsn).toMatch(/^(?:\d{2}){1,4}$/);
    expect(rates.map(({ from }) => from)).toEqual(rates.map(({ from }) => from).sort());
    for (const { rate } of rates)
      for (const each of typeof rate === 'number' ? [rate] : [rate.to, rate.above])
        expect([0, 25, 150, 300, 500, 1_200, 1_800, 2_800, 4_000]).toContain(each);
  }
});

test('states by name, by two letters, by GSTIN', () => {
  expect(['Karnataka', ' karnataka ', 'KA'].map(stateCodeOf)).toEqual(['29', '29', '29']);
  expect([stateCodeOf('Jammu & Kashmir'), stateCodeOf('Orissa'), stateCodeOf('Bavaria')]).toEqual([
    '01',
    '21',
    undefined,
  ]);
  expect([stateOfGstin('29AAGCB7383J1Z4'), stateOfGstin('99AAGCB7383J1Z4'), stateOfGstin('29AAGCB')]).toEqual([
    '29',
    undefined,
    undefined,
  ]);
  expect(['04', '07', '34', '38'].map((code) => levyOf(code as StateCode))).toEqual(['utgst', 'sgst', 'sgst', 'utgst']);
  expect(stateName('36' as StateCode)).toBe('Telangana');
});

test('every category of the demo catalogue has an HSN that is in the tariff; the nearest path counts', () => {
  for (const { category } of [...EVERYDAY, ...HOME, ...WEAR])
    expect(rateAt(hsnOfCategory(category) ?? '', REFORM), category.join(' / ')).toBeDefined();
  expect(hsnOfCategory(['Footwear', 'Shoes', 'Running'])).toBe('6403');
  expect([hsnOfCategory(['Electronics']), hsnOfCategory([])]).toEqual([undefined, undefined]);
});
