/** That something is in a sale that is open, wherever it is shown. */
import { z } from 'zod';
import type { Sku } from '../../actors/ids.ts';
import type { Sales } from '../sales/port.ts';
import { instant, isoTime } from './scalars.ts';

export const saleMark = z
  .object({
    id: z.string(),
    endsAt: instant,
    soldOut: z.boolean(),
    limitPerCustomer: z.int(),
  })
  .nullable()
  .describe('The flash sale that it is in now; the price is its price');

export function inSale(sales: Sales, sku: Sku): z.output<typeof saleMark> {
  const offer = sales.offerOf(sku);
  if (offer === undefined) return null;
  const { saleId: id, endsAt, soldOut, limitPerCustomer } = offer;
  return { id, endsAt: isoTime(endsAt), soldOut, limitPerCustomer };
}
