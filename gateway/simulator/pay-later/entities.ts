/** The lender's transactions and webhooks as it shows them: stores/payments/pay-later/entities.ts states the format. */
import { randomUUID } from 'node:crypto';
import type { Refund, Transaction, Webhook } from './facts.ts';

export const refundEntity = ({ id, refundId, amount, status }: Refund) => ({
  id,
  refund_id: refundId,
  amount_in_paise: amount,
  status,
});

export const transactionEntity = (transaction: Transaction, url: string) => ({
  id: transaction.id,
  order_id: transaction.orderId,
  status: transaction.status,
  amount_in_paise: transaction.amount,
  captured_in_paise: transaction.captured,
  approval_url: `${url}/pay-later/approve/${transaction.id}`,
  authorized_at: transaction.authorizedAt,
  captured_at: transaction.capturedAt,
  expires_at: transaction.expiresAt,
  declines: transaction.declines.map((id) => ({
    id,
    code: 'customer_declined',
    description: 'The customer did not approve the payment',
  })),
  refunds: transaction.refunds.map(refundEntity),
});

export function webhookOf(event: string, transaction: Transaction, refund: Refund | undefined, url: string): Webhook {
  const said = {
    event,
    transaction: transactionEntity(transaction, url),
    ...(refund === undefined ? {} : { refund: refundEntity(refund) }),
  };
  return { id: randomUUID(), name: event, at: Math.floor(Date.now() / 1_000), body: JSON.stringify(said) };
}
