/** What the payment simulator took, by gateway order: `GET /simulator/ledger`. Amounts in paise. */
import { z } from 'zod';

const ledgerSchema = z.object({
  orders: z.array(z.object({ gatewayOrderId: z.string(), captured: z.number().int(), refunded: z.number().int() })),
});

export type Till = {
  readonly captured: number;
  readonly refunded: number;
  readonly orders: ReadonlyMap<string, { readonly captured: number; readonly refunded: number }>;
};

export async function readTill(simulator: string): Promise<Till> {
  const answer = await fetch(`${simulator}/simulator/ledger`, { signal: AbortSignal.timeout(10_000) });
  const { orders } = ledgerSchema.parse(await answer.json());
  let captured = 0;
  let refunded = 0;
  for (const order of orders) {
    captured += order.captured;
    refunded += order.refunded;
  }
  return { captured, refunded, orders: new Map(orders.map((order) => [order.gatewayOrderId, order])) };
}
