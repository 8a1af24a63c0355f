import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sightings } from './sightings.ts';

const HOUR = 3_600_000;
const table = (now = () => 0) => new Sightings({ places: 1 << 12, now });

test('the same value counts once, another key and another question for themselves', () => {
  const seen = table();
  for (let n = 0; n < 5; n++) seen.note('accounts', HOUR, 'device-1', 'usr_1');
  expect(seen.count('accounts', HOUR, 'device-1')).toBe(1);
  expect(seen.note('accounts', HOUR, 'device-1', 'usr_2')).toBe(2);
  expect(seen.count('accounts', HOUR, 'device-2')).toBe(0);
  expect(seen.count('orders', HOUR, 'device-1')).toBe(0);
});

test('up to a dozen are counted to one or two', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uuid(), { minLength: 0, maxLength: 12 }), fc.uuid(), (values, key) => {
      const seen = table();
      for (const value of values) seen.note('accounts', HOUR, key, value);
      const counted = seen.count('accounts', HOUR, key);
      expect(Math.abs(counted - values.length)).toBeLessThanOrEqual(values.length < 4 ? 2 : 5);
    }),
  );
  let off = 0;
  for (let key = 0; key < 500; key++) {
    const seen = table();
    for (let n = 0; n < 10; n++) seen.note('accounts', HOUR, `key-${key}`, `usr_${key}_${n}`);
    off += seen.count('accounts', HOUR, `key-${key}`) - 10;
  }
  // Not more one way than the other.
  expect(Math.abs(off / 500)).toBeLessThan(0.5);
});

test('what is two windows old is forgotten', () => {
  let now = 100 * HOUR;
  const seen = table(() => now);
  seen.note('orders', HOUR, 'usr_1', 'ord_1');
  now += HOUR;
  expect(seen.note('orders', HOUR, 'usr_1', 'ord_2')).toBe(2);
  now += HOUR;
  expect(seen.count('orders', HOUR, 'usr_1')).toBe(1);
  now += HOUR;
  expect(seen.count('orders', HOUR, 'usr_1')).toBe(0);
});

test('two gateways that tell each other know what both saw, in whatever order and however often', () => {
  const [one, other] = [table(), table()];
  for (let n = 0; n < 4; n++) one.note('accounts', HOUR, 'device', `usr_${n}`);
  for (let n = 2; n < 8; n++) other.note('accounts', HOUR, 'device', `usr_${n}`);
  const both = [one.drain(100), other.drain(100)] as const;
  for (const told of [both[1], both[0], both[1]]) {
    one.merge(told);
    other.merge(told);
  }
  expect(one.count('accounts', HOUR, 'device')).toBe(other.count('accounts', HOUR, 'device'));
  expect(one.count('accounts', HOUR, 'device')).toBeGreaterThanOrEqual(7);
  expect(one.drain(100)).toEqual([]);
});

test('one value is nobody else’s business, and no more is told at once than asked for', () => {
  const seen = table();
  seen.note('accounts', HOUR, 'device', 'usr_1');
  expect(seen.drain(10)).toEqual([]);
  for (let key = 0; key < 5; key++) for (const user of ['usr_1', 'usr_2']) seen.note('accounts', HOUR, `d${key}`, user);
  expect(seen.drain(3)).toHaveLength(3);
  expect(seen.drain(3).length).toBeGreaterThanOrEqual(1);
});

test('a full table forgets, and never counts for a stranger', () => {
  const seen = new Sightings({ places: 64, now: () => 0 });
  for (let n = 0; n < 1_000; n++) for (const user of ['a', 'b', 'c']) seen.note('accounts', HOUR, `key-${n}`, user);
  const counts = Array.from({ length: 1_000 }, (_, n) => seen.count('accounts', HOUR, `key-${n}`));
  expect(Math.max(...counts)).toBeLessThanOrEqual(3);
  expect(counts.filter((count) => count > 0).length).toBeLessThanOrEqual(64);
});
