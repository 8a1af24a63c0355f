/** A figure that was measured several times: its median, and how far the runs lay apart. */
import type { Row } from '../case.ts';

export type Spread = { readonly median: number; readonly low: number; readonly high: number };

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [low] = sorted;
  const high = sorted.at(-1);
  if (low === undefined || high === undefined) throw new Error('nothing was measured');
  return { median: sorted[Math.floor(sorted.length / 2)] ?? low, low, high };
}

/** `1,234` and `1,180–1,300`: two cells of a row. */
export const cells = ({ median, low, high }: Spread, digits = 0): Row => [
  figure(median, digits),
  low === high ? '' : `${figure(low, digits)}–${figure(high, digits)}`,
];

export const figure = (value: number, digits = 0): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
