/**
 * Money divided without losing a paisa. Everything here is whole numbers; what does not fit 2^53 on the way is done in
 * BigInt, so that no amount is ever rounded by accident.
 */
import { type Paise, paise } from '../ids.ts';

type Divided = { readonly quotient: number; readonly remainder: number };

/** `amount × part / whole`, exactly: the quotient rounded down and what is left over, of `whole`. All ≥ 0, whole > 0. */
export function proportion(amount: number, part: number, whole: number): Divided {
  const product = amount * part;
  if (Number.isSafeInteger(product)) return { quotient: Math.floor(product / whole), remainder: product % whole };
  const exact = BigInt(amount) * BigInt(part);
  return { quotient: Number(exact / BigInt(whole)), remainder: Number(exact % BigInt(whole)) };
}

/** `amount × part / whole`, rounded half up: for amounts that are never negative the same as half away from zero. */
export function rounded(amount: Paise, part: number, whole: number): Paise {
  const { quotient, remainder } = proportion(amount, part, whole);
  return paise(remainder * 2 >= whole ? quotient + 1 : quotient);
}

export type Share = { readonly key: string; readonly weight: number };

/**
 * `total` over shares in proportion to their weights, by largest remainder (Hamilton): each gets its exact part rounded
 * down, and the paise that are left go one each to the largest remainders, the smallest key first among equals. So the
 * parts sum to `total`, none is off by a paisa or more, and the order of the shares does not matter (keys are unique).
 * A part is never above its weight while `total` is not above the sum of them. Without any weight: all weigh the same.
 */
export function spread(total: Paise, shares: readonly Share[]): readonly Paise[] {
  if (total < 0) throw new RangeError(`cannot be spread: ${total}`);
  const whole = shares.reduce((sum, { weight }) => sum + weight, 0);
  if (shares.length === 0) {
    if (total === 0) return [];
    throw new RangeError(`nothing to spread ${total} over`);
  }
  if (whole === 0)
    return spread(
      total,
      shares.map(({ key }) => ({ key, weight: 1 })),
    );
  const parts = shares.map(({ key, weight }, index) => ({ key, index, ...proportion(total, weight, whole) }));
  let left = parts.reduce((rest, { quotient }) => rest - quotient, total as number);
  const amounts = parts.map(({ quotient }) => quotient);
  const byRemainder = [...parts].sort((a, b) => b.remainder - a.remainder || (a.key < b.key ? -1 : 1));
  for (const { index } of byRemainder) {
    if (left === 0) break;
    amounts[index] = (amounts[index] ?? 0) + 1;
    left -= 1;
  }
  return amounts.map(paise);
}

/** What the first `units` of `quantity` equal units come to: the paise that do not divide go to the first ones. */
export function ofFirst(amount: Paise, quantity: number, units: number): Paise {
  if (!(Number.isSafeInteger(units) && units >= 0 && units <= quantity))
    throw new RangeError(`not units of ${quantity}: ${units}`);
  const each = Math.floor(amount / quantity);
  return paise(each * units + Math.min(units, amount - each * quantity));
}
