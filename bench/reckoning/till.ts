/** What the payment simulator took, by our payment: `GET /simulator/ledger`. Amounts in paise. */
import { z } from 'zod';

const ledgerSchema = z.object({
  orders: z.array(
    z.object({
      gatewayOrderId: z.string(),
      /** Our payment's id. */
      receipt: z.string().nullable(),
      captured: z.number().int(),
      refunded: z.number().int(),
    }),
  ),
});

type Money = { readonly captured: number; readonly refunded: number };

export type Till = Money & {
  /** By payment id; by gateway order where it names none. */
  readonly payments: ReadonlyMap<string, Money>;
};

export async function readTill(simulator: string): Promise<Till> {
  const answer = await fetch(`${simulator}/simulator/ledger`, { signal: AbortSignal.timeout(10_000) });
  const payments = new Map<string, Money>();
  let captured = 0;
  let refunded = 0;
  for (const order of ledgerSchema.parse(await answer.json()).orders) {
    captured += order.captured;
    refunded += order.refunded;
    const id = order.receipt ?? order.gatewayOrderId;
    const before = payments.get(id) ?? { captured: 0, refunded: 0 };
    payments.set(id, { captured: before.captured + order.captured, refunded: before.refunded + order.refunded });
  }
  return { captured, refunded, payments };
}
