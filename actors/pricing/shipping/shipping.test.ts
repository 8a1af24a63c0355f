import { expect, test } from 'vitest';
import { paise, type SellerId } from '../../ids.ts';
import { BENGALURU, GUWAHATI, MUMBAI, MYSURU, place } from '../testing/baskets.ts';
import { parcelsOf, SHIPPING_RATES, shippingOf } from './charges.ts';
import { zoneOf } from './zones.ts';

test.each([
  ['the same city', 'local', place('560001', '29')],
  ['the same state', 'state', MYSURU],
  ['metro to metro', 'metro', MUMBAI],
  ['the same region', 'regional', place('517501', '37')],
  ['anywhere else', 'rest', place('302001', '08')],
  ['the north-east', 'special', GUWAHATI],
  ['an island', 'special', place('744101', '35')],
] as const)('from Bengaluru to %s', (_, zone, to) => {
  expect(zoneOf(BENGALURU, to)).toBe(zone);
  expect(zoneOf(to, BENGALURU)).toBe(zone);
});

test('within a special state the distance counts', () => {
  expect(zoneOf(GUWAHATI, place('786001', '18'))).toBe('state');
  expect(zoneOf(GUWAHATI, place('781005', '18'))).toBe('local');
});

test('begun slabs count, of all that a seller sends from one place', () => {
  const line = (grams: number, seller = 'sel_1', origin = BENGALURU) => ({
    sellerId: seller as SellerId,
    origin,
    grams,
  });
  const chargeOf = (...lines: ReturnType<typeof line>[]) =>
    parcelsOf(lines, BENGALURU, SHIPPING_RATES).map(({ charge }) => charge);
  expect([1, 500, 501, 1_000, 1_001].map((grams) => chargeOf(line(grams))[0])).toEqual([
    40_00, 40_00, 55_00, 55_00, 70_00,
  ]);
  expect(chargeOf(line(300), line(300))).toEqual([55_00]);
  expect(chargeOf(line(300), line(300, 'sel_2'))).toEqual([40_00, 40_00]);
  expect(chargeOf(line(300), line(300, 'sel_1', MYSURU))).toEqual([40_00, 45_00]);
});

test('free from the threshold on', () => {
  const parcels = parcelsOf([{ sellerId: 'sel_1' as SellerId, origin: BENGALURU, grams: 1 }], MUMBAI, SHIPPING_RATES);
  expect([498_99, 499_00].map((goods) => shippingOf(parcels, paise(goods), SHIPPING_RATES))).toEqual([55_00, 0]);
});
