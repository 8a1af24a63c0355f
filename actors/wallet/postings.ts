/** The book-keeping: between which accounts each movement goes. Every set of postings sums to zero. */
import { type Paise, paise, sum } from '../ids.ts';
import type { Account, Lot, Parts, Posting, Total } from './wallet.ts';

/** What comes from outside; a negative one would make money. */
export const isAmount = (amount: number): boolean => Number.isSafeInteger(amount) && amount > 0;

export const creditOf = (lots: readonly Lot[]): Paise => sum(lots.map(({ amount }) => amount));

export const totalOf = ({ own, credit }: Parts): Total => ({ own, credit: creditOf(credit) });

export const wholeOf = (parts: Parts): Paise => paise(parts.own + creditOf(parts.credit));

/** Nothing is written of what does not move. */
function move(amount: Paise, from: Account, to: Account): readonly Posting[] {
  if (amount === 0) return [];
  return [
    { account: from, amount: paise(-amount) },
    { account: to, amount },
  ];
}

const both = (parts: Parts, own: readonly [Account, Account], credit: readonly [Account, Account]) => [
  ...move(parts.own, ...own),
  ...move(creditOf(parts.credit), ...credit),
];

export const postingsOf = {
  topUp: (amount: Paise) => move(amount, 'clearing', 'balance'),
  grant: (amount: Paise) => move(amount, 'promotions', 'credit'),
  expiry: (amount: Paise) => move(amount, 'credit', 'promotions'),
  hold: (parts: Parts) => both(parts, ['balance', 'held'], ['credit', 'credit-held']),
  release: (parts: Parts) => both(parts, ['held', 'balance'], ['credit-held', 'credit']),
  commit: (parts: Parts) => both(parts, ['held', 'orders'], ['credit-held', 'orders']),
  pay: (parts: Parts) => both(parts, ['balance', 'orders'], ['credit', 'orders']),
  refund: (parts: Parts) => both(parts, ['orders', 'balance'], ['orders', 'credit']),
} as const;

/** Expiring soonest first, in a fixed order where that is the same; what is of one grant and one time is one lot. */
export function withLots(lots: readonly Lot[], more: readonly Lot[]): Lot[] {
  const all = new Map<string, Lot>();
  for (const lot of [...lots, ...more]) {
    const key = `${lot.grantId} ${lot.expiresAt}`;
    const there = all.get(key);
    const { grantId, expiresAt } = lot;
    all.set(key, { grantId, amount: paise((there?.amount ?? 0) + lot.amount), expiresAt });
  }
  return [...all.values()].sort((a, b) => a.expiresAt - b.expiresAt || (a.grantId < b.grantId ? -1 : 1));
}

/** `amount` out of the credit first, in the order of the lots. undefined: there is not as much. */
export function take(lots: readonly Lot[], balance: Paise, amount: Paise): Parts | undefined {
  const credit: Lot[] = [];
  let left: number = amount;
  for (const lot of lots) {
    if (left === 0) break;
    const part = Math.min(left, lot.amount);
    credit.push({ ...lot, amount: paise(part) });
    left -= part;
  }
  return left > balance ? undefined : { own: paise(left), credit };
}

/** What is left of `from` without `parts`, which come out of it. */
export function without(from: readonly Lot[], parts: readonly Lot[]): Lot[] {
  const less = parts.map((lot) => ({ ...lot, amount: paise(-lot.amount) }));
  return withLots(from, less).filter(({ amount }) => amount !== 0);
}

/** `amount` of what an order was paid with: own money first, then the credit that expires last. */
export function takeBack({ own, credit }: Parts, amount: Paise): Parts {
  const back: Lot[] = [];
  let left = Math.max(0, amount - own);
  for (const lot of credit.toReversed()) {
    if (left === 0) break;
    const part = Math.min(left, lot.amount);
    back.push({ ...lot, amount: paise(part) });
    left -= part;
  }
  return { own: paise(Math.min(own, amount)), credit: back };
}
