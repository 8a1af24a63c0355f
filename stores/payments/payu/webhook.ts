/**
 * What PayU tells the shop: the webhook of a payment (a form or JSON), the same fields by way of the customer's browser
 * (surl, furl), and the callback of a refund (JSON). https://docs.payu.in/docs/webhook-events-and-sample-payloads ·
 * …/reference-link/refund-status-callback
 *
 * The hash covers neither `mihpayid` nor the time, and the callback of a refund has none. A customer who has seen the
 * fields of a payment of their own could send them again with another customer's `mihpayid`, and have *that* refunded as
 * paid twice. So a success and a refund are taken from PayU itself; the message only says that it is time to ask.
 */
import { GatewayError, type GatewayNotice } from '../../../actors/checkout/ports.ts';
import type { PaymentId } from '../../../actors/ids.ts';
import type { PayuClient } from './client.ts';
import { type Fields, isAuthentic } from './hashes.ts';
import { noticeOfRefund, noticeOfTransaction } from './notices.ts';
import { longOf } from './short-ids.ts';

type Parts = { readonly key: string; readonly salts: readonly string[]; readonly client: PayuClient };

/** Asked for messages that nothing vouches for: more than these at once come again later. */
const UNSIGNED_AT_ONCE = 8;
let unsigned = 0;

/** undefined: PayU has not said that. */
export async function readMessage(rawBody: Buffer, { key, salts, client }: Parts): Promise<GatewayNotice | undefined> {
  const fields = fieldsOf(rawBody.toString('utf8'));
  if (fields === undefined || fields['key'] !== key) return undefined;
  if (fields['hash'] === undefined) return fields['action'] === 'refund' ? askedRefund(fields, client) : undefined;
  if (!isAuthentic(fields, salts)) return undefined;
  const { txnid = '', status = '', unmappedstatus = '', mihpayid = '' } = fields;
  const paymentId = longOf('pay', txnid);
  if (paymentId === undefined) return { type: 'ignored', event: status };
  if (status === 'success') {
    const transaction = await client.verify(txnid);
    const notice = transaction && noticeOfTransaction(paymentId as PaymentId, transaction);
    return notice?.type === 'captured' ? notice : { type: 'ignored', event: 'success-not-confirmed' };
  }
  if (status !== 'failure') return { type: 'ignored', event: status };
  return {
    type: 'failed',
    paymentId: paymentId as PaymentId,
    gatewayPaymentId: mihpayid || `failed-${txnid}`,
    code: fields['error'] || unmappedstatus || 'payment_failed',
    description: fields['error_Message'] || fields['field9'] || '',
  };
}

async function askedRefund(fields: Fields, client: PayuClient): Promise<GatewayNotice | undefined> {
  const { request_id: requestId = '', merchantTxnId = '' } = fields;
  const paymentId = longOf('pay', merchantTxnId);
  if (!/^\d{1,20}$/.test(requestId) || paymentId === undefined) return undefined;
  if (unsigned >= UNSIGNED_AT_ONCE) throw new GatewayError('unavailable', 'Too many callbacks of refunds at once');
  unsigned += 1;
  try {
    const action = await client.actionOf(requestId);
    if (action === undefined) return undefined;
    return noticeOfRefund(paymentId as PaymentId, action) ?? { type: 'ignored', event: `refund-${action.status}` };
  } finally {
    unsigned -= 1;
  }
}

/** Flat, values as text. Twice the same name in a form: nobody can say which one was meant. */
function fieldsOf(text: string): Fields | undefined {
  const fields: Record<string, string> = Object.create(null);
  if (text.trimStart().startsWith('{')) {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return undefined;
    }
    if (typeof body !== 'object' || body === null) return undefined;
    for (const [name, value] of Object.entries(body))
      if (typeof value === 'string' || typeof value === 'number') fields[name] = String(value);
    return fields;
  }
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields[name] !== undefined) return undefined;
    fields[name] = value;
  }
  return fields;
}
