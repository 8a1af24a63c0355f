/**
 * The tax inside a price. Which one: within a state CGST and SGST (UTGST in a union territory), across states IGST (IGST
 * Act, s. 7 and 8), by where the supplier is registered and where the goods are delivered: the place of supply of goods
 * that move is where the movement ends for the recipient (IGST Act, s. 10(1)(a); (ca) since 2023-10-01).
 *
 * Rounding: per line, half up to the paisa, and CGST = SGST always, so that within a state the tax of a line is even.
 * No rounding to rupees (s. 170 of the CGST Act is about what is payable to the government, not about a line). What is
 * left of the price is the taxable value: taxable + taxes = price, to the paisa.
 */
import { type Instant, type Paise, paise } from '../../ids.ts';
import { rounded } from '../spread.ts';
import { dayBegins } from './dates.ts';
import { type Rate, TARIFF, type TariffEntry } from './rates.ts';
import { levyOf, type StateCode } from './states.ts';

export type Supply = { readonly from: StateCode; readonly to: StateCode };

/** In paise; `rate` in basis points of the taxable value. `sgst` is UTGST where `levy` says so. */
export type TaxSplit = {
  readonly rate: number;
  readonly levy: 'sgst' | 'utgst' | 'igst';
  readonly taxable: Paise;
  readonly cgst: Paise;
  readonly sgst: Paise;
  readonly igst: Paise;
};

const BASIS = 10_000;
const BY_HSN: ReadonlyMap<string, TariffEntry> = new Map(TARIFF.map((entry) => [entry.hsn, entry]));
const BEGINS: ReadonlyMap<string, Instant> = new Map(
  TARIFF.flatMap(({ rates }) => rates.map(({ from }) => [from, dayBegins(from)] as const)),
);

/** The rate in force then. undefined: not in the tariff, or before its time. */
export function rateAt(hsn: string, at: Instant): Rate | undefined {
  for (let length = hsn.length; length >= 2; length--) {
    const entry = BY_HSN.get(hsn.slice(0, length));
    if (entry === undefined) continue;
    return entry.rates.findLast(({ from }) => (BEGINS.get(from) ?? Number.POSITIVE_INFINITY) <= at)?.rate;
  }
  return undefined;
}

/** Of goods whose rate goes by the value of a piece: by what is paid for one, less the tax at the lower rate. */
export function basisPoints(rate: Rate, paid: Paise, quantity: number): number {
  if (typeof rate === 'number') return rate;
  return paid * BASIS <= rate.upTo * quantity * (BASIS + rate.to) ? rate.to : rate.above;
}

export function taxInside(price: Paise, rate: number, { from, to }: Supply): TaxSplit {
  const none = paise(0);
  if (from !== to) {
    const igst = rounded(price, rate, BASIS + rate);
    return { rate, levy: 'igst', taxable: paise(price - igst), cgst: none, sgst: none, igst };
  }
  const half = rounded(price, rate, 2 * (BASIS + rate));
  return { rate, levy: levyOf(to), taxable: paise(price - 2 * half), cgst: half, sgst: half, igst: none };
}

export const taxOf = ({ cgst, sgst, igst }: TaxSplit): Paise => paise(cgst + sgst + igst);
