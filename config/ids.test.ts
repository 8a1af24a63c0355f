import { expect, test } from 'vitest';
import { idFrom, newId } from './ids.ts';

const SHAPE = /^ord_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/;

test('new ids are UUIDv7 in hex, and grow within a millisecond too', () => {
  const ids = Array.from({ length: 2_000 }, () => newId('ord'));
  expect(ids.every((id) => SHAPE.test(id))).toBe(true);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test('an id from a seed is repeatable, differs by seed and prefix, and sorts by its time', () => {
  const at = Date.UTC(2026, 0, 1);
  expect(idFrom('ord', 'seed-1', at)).toBe(idFrom('ord', 'seed-1', at));
  expect(idFrom('ord', 'seed-1', at)).toMatch(SHAPE);
  expect(idFrom('ord', 'seed-2', at)).not.toBe(idFrom('ord', 'seed-1', at));
  expect(idFrom('pay', 'seed-1', at).slice(4)).not.toBe(idFrom('ord', 'seed-1', at).slice(4));
  expect(idFrom('ord', 'seed-1', at) < idFrom('ord', 'seed-2', at + 1)).toBe(true);
  expect(Number.parseInt(idFrom('ord', 'x', at).slice(4, 16), 16)).toBe(at);
});
