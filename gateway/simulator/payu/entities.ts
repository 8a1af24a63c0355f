/**
 * PayU's answers and messages as it sends them. https://docs.payu.in/docs/working-with-response-after-a-customer-checkout ·
 * …/reference/verify_payment_api · …/reference-link/refund-status-callback
 */
import { randomUUID } from 'node:crypto';
import { paise } from '../../../actors/ids.ts';
import { responseHash } from '../../../stores/payments/payu/hashes.ts';
import { rupeesOf } from '../../../stores/payments/payu/rupees.ts';
import type { Attempt, Refund, RefundEnd, Webhook } from './facts.ts';

const rupees = (amount: number): string => rupeesOf(paise(amount));

/** `2021-09-06 13:27:08`, in India. */
const indianTime = (seconds: number): string =>
  new Date((seconds + 19_800) * 1_000).toISOString().slice(0, 19).replace('T', ' ');

const ENDS = {
  success: {
    unmappedstatus: 'captured',
    error: 'E000',
    error_Message: 'No Error',
    field9: 'Transaction Completed Successfully',
  },
  failure: {
    unmappedstatus: 'failed',
    error: 'E308',
    error_Message: 'Transaction failed',
    field9: 'Transaction failed at bank end.',
  },
} as const;

const endOf = ({ success }: Attempt): RefundEnd => (success ? 'success' : 'failure');

/** To surl or furl, and in the webhook of a payment. */
export function responseFields(attempt: Attempt, salt: string): Readonly<Record<string, string>> {
  const { posted, amount } = attempt.transaction;
  const status = endOf(attempt);
  const { unmappedstatus, ...end } = ENDS[status];
  const said = {
    mihpayid: attempt.mihpayid,
    mode: 'NB',
    status,
    unmappedstatus,
    key: posted.key,
    txnid: posted.txnid,
    amount: rupees(amount),
    discount: '0.00',
    net_amount_debit: attempt.success ? rupees(amount + attempt.charges) : '0.00',
    ...(attempt.charges > 0 ? { additionalCharges: rupees(attempt.charges) } : {}),
    addedon: indianTime(attempt.at),
    productinfo: posted.productinfo,
    firstname: posted.firstname,
    lastname: posted.lastname ?? '',
    email: posted.email,
    phone: posted.phone,
    udf1: posted.udf1 ?? '',
    udf2: posted.udf2 ?? '',
    udf3: posted.udf3 ?? '',
    udf4: posted.udf4 ?? '',
    udf5: posted.udf5 ?? '',
    field9: end.field9,
    payment_source: 'payu',
    PG_TYPE: 'NB-PG',
    bank_ref_num: attempt.mihpayid.slice(-8),
    bankcode: 'TESTPGNB',
    error: end.error,
    error_Message: end.error_Message,
  };
  return { ...said, hash: responseHash(said, salt) };
}

export function paymentWebhook(attempt: Attempt, salt: string, format: 'form' | 'json'): Webhook {
  const fields = responseFields(attempt, salt);
  const form = format === 'form';
  return {
    id: randomUUID(),
    name: 'payment',
    at: attempt.at,
    type: form ? 'application/x-www-form-urlencoded' : 'application/json',
    body: form ? new URLSearchParams(fields).toString() : JSON.stringify(fields),
  };
}

/** Without a hash, as documented. */
export function refundWebhook({ requestId, attempt, token, amount }: Refund, status: RefundEnd): Webhook {
  const { posted } = attempt.transaction;
  const body = JSON.stringify({
    additionalValue1: null,
    bank_arn: null,
    refund_mode: 'Back to Source',
    bank_ref_num: requestId,
    key: posted.key,
    amt: rupees(amount),
    remark: null,
    status,
    token,
    mihpayid: attempt.mihpayid,
    request_id: requestId,
    merchantTxnId: posted.txnid,
    additionalValue2: null,
    action: 'refund',
  });
  return { id: randomUUID(), name: 'refund', at: Math.floor(Date.now() / 1_000), type: 'application/json', body };
}

/** In `transaction_details` of verify_payment: the success, else the last try. */
export function verifiedOf(attempt: Attempt) {
  const { posted, amount } = attempt.transaction;
  const status = endOf(attempt);
  const { unmappedstatus, error, error_Message, field9 } = ENDS[status];
  return {
    mihpayid: attempt.mihpayid,
    request_id: '',
    bank_ref_num: attempt.mihpayid.slice(-8),
    amt: rupees(amount + attempt.charges),
    transaction_amount: rupees(amount),
    txnid: posted.txnid,
    additional_charges: rupees(attempt.charges),
    productinfo: posted.productinfo,
    firstname: posted.firstname,
    bankcode: 'TESTPGNB',
    udf1: posted.udf1 ?? null,
    field9,
    error_code: error,
    addedon: indianTime(attempt.at),
    payment_source: 'payu',
    card_type: null,
    error_Message,
    net_amount_debit: attempt.success ? Number(rupees(amount + attempt.charges)) : '0.00',
    disc: '0.00',
    mode: 'NB',
    PG_TYPE: 'NB-PG',
    card_no: '',
    status,
    unmappedstatus,
    Merchant_UTR: null,
    Settled_At: null,
  };
}

export const actionOf = ({ requestId, attempt, token, amount, status }: Refund) => ({
  mihpayid: attempt.mihpayid,
  bank_ref_num: requestId,
  request_id: requestId,
  amt: rupees(amount),
  mode: 'NB',
  action: 'refund',
  token,
  status,
  bank_arn: null,
  settlement_id: null,
  amount_settled: null,
  UTR_no: null,
  value_date: null,
  refund_mode: 'Back to Source',
});

/** The first of the actions of every paid transaction. */
export const captureOf = ({ mihpayid, transaction }: Attempt) => ({
  mihpayid,
  bank_ref_num: mihpayid.slice(-8),
  request_id: mihpayid.slice(-9),
  amt: rupees(transaction.amount),
  mode: 'NB',
  action: 'capture',
  token: '',
  status: 'SUCCESS',
  refund_mode: '-',
});
