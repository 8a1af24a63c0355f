/** PayU's amounts are rupees with decimals, as text. Whole paise both ways, by moving the point: nothing is rounded. */
import { type Paise, paise } from '../../../actors/ids.ts';

/** 149900 → `1499.00`. */
export function rupeesOf(amount: Paise): string {
  if (amount < 0) throw new RangeError(`not an amount that PayU takes: ${amount}`);
  const digits = String(amount).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `10`, `10.5`, `10.50`, `10.500`. undefined: not an amount, or one with a part of a paisa. */
export function paiseOf(text: string): Paise | undefined {
  const [, whole, part = ''] = /^(\d{1,13})(?:\.(\d{1,2})0*)?$/.exec(text) ?? [];
  return whole === undefined ? undefined : paise(Number(whole) * 100 + Number(part.padEnd(2, '0')));
}
