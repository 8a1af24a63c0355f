/**
 * What comes back for some units of a line: exactly what was paid for these. Units are alike, so they are counted, not
 * named: the paise of a line that do not divide by its units are those of its first ones. Whatever the steps in which
 * units come back, the refunds sum to the line, in the amount and in each tax (which is what credit notes are made of).
 * CGST = SGST in each of them too. The price of that: of units below five paise the tax of several falls on one, whose
 * taxable value can then be one paisa below nothing; the others have it.
 */
import { type Paise, paise } from '../ids.ts';
import type { QuotedLine } from './request.ts';
import { ofFirst } from './spread.ts';
import type { TaxSplit } from './tax/gst.ts';

export type RefundedUnits = {
  readonly amount: Paise;
  readonly taxable: Paise;
  readonly cgst: Paise;
  readonly sgst: Paise;
  readonly igst: Paise;
};

type Paid = Pick<QuotedLine, 'quantity' | 'net' | 'tax' | 'charges'>;

/**
 * `units` of the line, of which `before` have come back already. `withCharges`: with their part of shipping and of the
 * fee for cash, as is due when nothing was brought. RangeError for more than the line has.
 */
export function refundOf(line: Paid, { before, units, withCharges }: Returned): RefundedUnits {
  const goods = partOf(line.net, line.tax, line.quantity, before, units);
  if (!withCharges) return goods;
  const charges = partOf(line.charges.amount, line.charges.tax, line.quantity, before, units);
  return {
    amount: paise(goods.amount + charges.amount),
    taxable: paise(goods.taxable + charges.taxable),
    cgst: paise(goods.cgst + charges.cgst),
    sgst: paise(goods.sgst + charges.sgst),
    igst: paise(goods.igst + charges.igst),
  };
}

export type Returned = { readonly before: number; readonly units: number; readonly withCharges: boolean };

function partOf(whole: Paise, tax: TaxSplit, quantity: number, before: number, units: number): RefundedUnits {
  const part = (of: Paise): Paise => paise(ofFirst(of, quantity, before + units) - ofFirst(of, quantity, before));
  const [amount, cgst, sgst, igst] = [part(whole), part(tax.cgst), part(tax.sgst), part(tax.igst)];
  return { amount, taxable: paise(amount - cgst - sgst - igst), cgst, sgst, igst };
}
