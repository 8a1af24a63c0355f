import fc from 'fast-check';
import { expect, test } from 'vitest';
import { periodOf } from './calendar.ts';

test('months and financial years begin at midnight in India', () => {
  const until = Date.UTC(2200, 0);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: until }), (at) => {
      const [year = 0, month = 0] = new Date(at + 5.5 * 3_600_000).toISOString().split('-').map(Number);
      const expected = { month: `${year}-${String(month).padStart(2, '0')}`, year: `${month < 4 ? year - 1 : year}` };
      expect(periodOf(at)).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
  expect(periodOf(Date.parse('2026-03-31T23:59:59.999+05:30'))).toEqual({ month: '2026-03', year: '2025' });
  expect(periodOf(Date.parse('2026-04-01T00:00:00.000+05:30'))).toEqual({ month: '2026-04', year: '2026' });
});
