/** The lender's transactions and webhooks, in our words. */
import { GatewayError, type GatewayNotice } from '../../../actors/checkout/ports.ts';
import type { PaymentId, RefundId } from '../../../actors/ids.ts';
import { type RefundEntity, type TransactionEntity, webhookEntity } from './entities.ts';

export function readNotice(rawBody: Buffer): GatewayNotice {
  const { event, transaction, refund } = webhookOf(rawBody);
  const ignored: GatewayNotice = { type: 'ignored', event };
  const paymentId = ourPaymentId(transaction.order_id);
  if (paymentId === undefined) return ignored;
  const said = event.startsWith('refund.')
    ? refund && noticeOfRefund(paymentId, refund)
    : noticesOf(paymentId, transaction).findLast(({ type }) => type === TYPES[event]);
  return said ?? ignored;
}

const TYPES: Readonly<Record<string, GatewayNotice['type']>> = {
  'transaction.authorized': 'authorised',
  'transaction.captured': 'captured',
  'transaction.voided': 'voided',
  'transaction.expired': 'voided',
  'transaction.declined': 'failed',
};

/** All that has happened to it, in order. */
export function noticesOf(paymentId: PaymentId, transaction: TransactionEntity): readonly GatewayNotice[] {
  const { id: gatewayPaymentId, status, amount_in_paise: amount, captured_in_paise: captured } = transaction;
  const { authorized_at: authorisedAt, captured_at: capturedAt, expires_at: expiresAt } = transaction;
  const notices: GatewayNotice[] = transaction.declines.map(({ id, code, description }) => ({
    type: 'failed',
    paymentId,
    gatewayPaymentId: id,
    code,
    description,
  }));
  if (authorisedAt !== null && expiresAt !== null) {
    const times = { gatewayAt: authorisedAt * 1_000, expiresAt: expiresAt * 1_000 };
    notices.push({ type: 'authorised', paymentId, gatewayPaymentId, amount, ...times });
  }
  if (capturedAt !== null)
    notices.push({ type: 'captured', paymentId, gatewayPaymentId, amount: captured, gatewayAt: capturedAt * 1_000 });
  if (status === 'voided' || status === 'expired') notices.push({ type: 'voided', paymentId, gatewayPaymentId });
  return [...notices, ...transaction.refunds.flatMap((refund) => noticeOfRefund(paymentId, refund) ?? [])];
}

/** undefined: still on its way, or made by hand. */
function noticeOfRefund(paymentId: PaymentId, { id, refund_id, status }: RefundEntity): GatewayNotice | undefined {
  if (!/^rfd_[0-9a-f]{32}$/.test(refund_id)) return undefined;
  const refundId = refund_id as RefundId;
  if (status === 'processed') return { type: 'refunded', paymentId, refundId, gatewayRefundId: id };
  return status === 'failed' ? { type: 'refund-failed', paymentId, refundId, reason: 'refund_failed' } : undefined;
}

const ourPaymentId = (text: string): PaymentId | undefined =>
  /^pay_[0-9a-f]{32}$/.test(text) ? (text as PaymentId) : undefined;

function webhookOf(rawBody: Buffer) {
  let body: unknown;
  try {
    body = JSON.parse(rawBody.toString('utf8'));
  } catch (cause) {
    throw new GatewayError('invalid-answer', 'A signed webhook is not JSON', { cause, retryable: false });
  }
  const parsed = webhookEntity.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new GatewayError('invalid-answer', `A signed webhook is not as documented (${where})`, { retryable: false });
}
