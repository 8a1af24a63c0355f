/** What lines of an order are worth when some of them are given back. */
import { type Paise, paise, type Sku, sum } from '../ids.ts';
import { refundOf } from '../pricing/refund.ts';
import type { OrderStatus } from './order.ts';
import { quotedLine } from './quoted.ts';
import type { BoughtState } from './state.ts';

/** A line's status: its own way if it went one, else the order's, which after delivery is DELIVERED. */
export const lineStatus = (state: BoughtState, sku: Sku): OrderStatus =>
  state.ended[sku] ?? ('deliveredAt' in state ? 'DELIVERED' : state.status);

/** The lines that the customer still has or waits for. */
export const liveSkus = (state: BoughtState): readonly Sku[] =>
  state.lines
    .map(({ sku }) => sku)
    .filter((sku) => {
      const status = lineStatus(state, sku);
      return status !== 'CANCELLED' && status !== 'RETURNED';
    });

/**
 * What `skus` were paid, or are owed, for: exactly what each was quoted at. What it cost to bring them, and the fee for
 * cash, stay charged: they come back only when the whole order is cancelled, before anything was brought.
 */
export function chargedFor(state: BoughtState, skus: readonly Sku[]): Paise {
  const leaving = new Set(skus);
  const quoted = state.lines.filter(({ sku }) => leaving.has(sku)).map(quotedLine);
  if (quoted.some((line) => line === undefined)) return unquoted(state, leaving);
  const whole = ({ quantity: units }: { readonly quantity: number }) => ({ before: 0, units, withCharges: false });
  return sum(quoted.flatMap((line) => (line === undefined ? [] : [refundOf(line, whole(line)).amount])));
}

/**
 * Of orders from before lines were quoted: each line with its share of the discount, rounded down. Whoever takes the last
 * live lines takes all that is left, with the shipping and the rounding: the parts always add up to what was charged.
 */
function unquoted(state: BoughtState, leaving: ReadonlySet<Sku>): Paise {
  if (liveSkus(state).every((sku) => leaving.has(sku))) return state.charged;
  const { items, discount } = state.totals;
  let value = 0;
  for (const { sku, unitPrice, quantity } of state.lines)
    if (leaving.has(sku)) value += proportion(unitPrice * quantity, items - discount, items);
  return paise(Math.min(value, state.charged));
}

/** amount × part / whole, rounded down; exact also where the product passes 2⁵³. */
const proportion = (amount: number, part: number, whole: number): number =>
  part === whole ? amount : Number((BigInt(amount) * BigInt(part)) / BigInt(whole));
