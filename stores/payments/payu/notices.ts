/** PayU's answers, in our words. */
import type { GatewayNotice } from '../../../actors/checkout/ports.ts';
import type { PaymentId, RefundId } from '../../../actors/ids.ts';
import { type Action, isDoneRefund, isFailedRefund, type Transaction } from './answers.ts';
import { refundIdOf } from './short-ids.ts';

/** undefined: not decided yet. */
export function noticeOfTransaction(paymentId: PaymentId, transaction: Transaction): GatewayNotice | undefined {
  const { mihpayid, status, unmappedstatus } = transaction;
  // A card may be authorised only, in an account with that setting: that is no money yet.
  if (status === 'success' && ['', 'captured'].includes(unmappedstatus)) {
    return {
      type: 'captured',
      paymentId,
      gatewayPaymentId: mihpayid,
      amount: transaction.transaction_amount ?? transaction.amt,
      gatewayAt: instantOf(transaction.addedon),
    };
  }
  if (status !== 'failure') return undefined;
  return {
    type: 'failed',
    paymentId,
    gatewayPaymentId: mihpayid,
    code: transaction.error_code || unmappedstatus || 'payment_failed',
    description: transaction.error_Message || transaction.field9,
  };
}

/** undefined: still on its way, or none of ours. */
export function noticeOfRefund(paymentId: PaymentId, action: Action): GatewayNotice | undefined {
  const refundId = action.action === 'refund' ? refundIdOf(action.token) : undefined;
  if (refundId === undefined) return undefined;
  const ours = { paymentId, refundId: refundId as RefundId };
  if (isDoneRefund(action)) return { type: 'refunded', ...ours, gatewayRefundId: action.request_id };
  return isFailedRefund(action) ? { type: 'refund-failed', ...ours, reason: 'refund_failed' } : undefined;
}

/** `2021-09-06 13:27:08`, in India. Money whose time cannot be read has come now: it is not lost for that. */
function instantOf(addedon: string): number {
  const at = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(addedon)
    ? Date.parse(`${addedon.replace(' ', 'T')}+05:30`)
    : Number.NaN;
  return Number.isNaN(at) ? Date.now() : at;
}
