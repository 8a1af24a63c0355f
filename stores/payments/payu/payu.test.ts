import https from 'node:https';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { paise } from '../../../actors/ids.ts';
import { eventually } from '../../../brokers/launcher/eventually.ts';
import { openCounters, payuKey, payuSalt } from '../../../gateway/simulator/testing/counters.ts';
import { amount, payment, refundIdOf } from '../../../gateway/simulator/testing/till.ts';
import { responseHash } from './hashes.ts';
import { formFields, payuPages } from './payment-page.ts';
import { payuSdk } from './testing/sdk.ts';

const returned = z.object({ fields: z.record(z.string(), z.string()) });
type Counters = Awaited<ReturnType<typeof openCounters>>;

const opened = async (counters: Counters, n = 1) => {
  const order = await counters.payu.open({ ...payment(n), method: 'netbanking' });
  if (order === undefined) throw new Error('PayU opened nothing');
  return order;
};
const paid = async (counters: Counters, n = 1) => {
  const order = await opened(counters, n);
  const { fields } = returned.parse(await counters.payAtPayu(order.paymentUrl, 'success'));
  return { ...order, fields, mihpayid: fields['mihpayid'] ?? '' };
};
const form = (fields: Record<string, string>): Buffer => Buffer.from(new URLSearchParams(fields).toString());
const refundOf = (gatewayPaymentId: string, part = amount, n = 1) =>
  ({ ...payment(), refundId: refundIdOf(n), gatewayPaymentId, amount: part, reason: 'late' }) as const;

describe('a customer who changes what passes through the browser', () => {
  it('cannot have another customer’s payment refunded as their own paid twice', async () => {
    await using counters = await openCounters();
    const mine = await paid(counters, 1);
    const another = await paid(counters, 2);
    // The hash does not cover mihpayid, so this is authentic, word for word.
    const forged = { ...mine.fields, mihpayid: another.mihpayid };
    const notice = await counters.payu.readWebhook(form(forged), {});
    expect(notice).toMatchObject({
      type: 'captured',
      paymentId: payment(1).paymentId,
      gatewayPaymentId: mine.mihpayid,
    });
  });

  it('cannot pay less: PayU holds the amount against the hash', async () => {
    await using counters = await openCounters();
    const { paymentUrl } = await opened(counters);
    const less = new URL(paymentUrl);
    less.searchParams.set('amount', '1.00');
    await expect(counters.payAtPayu(less.href, 'success')).rejects.toThrow('incorrectly calculated hash');
  });

  it('cannot make a success of what PayU does not know as one', async () => {
    await using counters = await openCounters();
    const { gatewayOrderId, paymentUrl } = await opened(counters);
    const { fields } = returned.parse(await counters.payAtPayu(paymentUrl, 'failure'));
    // As if a salt had leaked: authentic, and not so.
    const said = { ...fields, status: 'success', unmappedstatus: 'captured', hash: '' };
    const leaked = { ...said, hash: responseHash(said, payuSalt) };
    expect(await counters.payu.readWebhook(form(leaked), {})).toEqual({
      type: 'ignored',
      event: 'success-not-confirmed',
    });
    expect(await counters.payu.status?.({ ...payment(), gatewayOrderId })).toMatchObject([{ type: 'failed' }]);
  });

  it('cannot say a thing twice', async () => {
    await using counters = await openCounters();
    const { fields } = await paid(counters);
    expect(await counters.payu.readWebhook(Buffer.from(`${form(fields)}&status=success`), {})).toBeUndefined();
  });
});

describe('a callback of a refund, which nobody has signed', () => {
  it('is a reason to ask PayU, and is what PayU says', async () => {
    await using counters = await openCounters();
    const { mihpayid } = await paid(counters);
    await counters.set('payu', { refunds: { end: 'failed' } });
    await counters.payu.refund(refundOf(mihpayid));
    const webhook = await eventually(() => counters.came.payu.find(({ body }) => body.includes('"refund"')));
    // PayU says that it failed; what the message says of it is nothing.
    const forged = Buffer.from(webhook.body.toString().replace('failure', 'success'));
    expect(forged.equals(webhook.body)).toBe(false);
    expect(await counters.payu.readWebhook(forged, {})).toMatchObject({
      type: 'refund-failed',
      refundId: refundIdOf(1),
    });
  });

  it('of a refund that PayU does not know is not believed', async () => {
    await using counters = await openCounters();
    const { gatewayOrderId } = await paid(counters);
    const body = {
      key: payuKey,
      action: 'refund',
      status: 'success',
      request_id: '1234567890',
      merchantTxnId: gatewayOrderId,
    };
    expect(await counters.payu.readWebhook(Buffer.from(JSON.stringify(body)), {})).toBeUndefined();
  });
});

describe('the adapter', () => {
  it('takes what we asked for as the amount when the customer paid charges on top', async () => {
    await using counters = await openCounters();
    await counters.set('payu', { charges: 2_360 });
    const { fields, gatewayOrderId } = await paid(counters);
    expect(fields).toMatchObject({ additionalCharges: '23.60', net_amount_debit: '1522.60' });
    expect(await counters.payu.readWebhook(form(fields), {})).toMatchObject({ type: 'captured', amount });
    expect(await counters.payu.status?.({ ...payment(), gatewayOrderId })).toMatchObject([
      { type: 'captured', amount },
    ]);
  });

  it('believes messages by the old salt and the new one, without a restart', async () => {
    let salts: readonly [string, ...string[]] = ['a-new-one', payuSalt];
    await using counters = await openCounters();
    const { fields } = await paid(counters);
    await using other = await openCounters({ payu: { apiUrl: counters.url, salts: () => salts } });
    const failed = { ...fields, status: 'failure' };
    const signed = { ...failed, hash: responseHash(failed, payuSalt) };
    expect(await other.payu.readWebhook(form(signed), {})).toMatchObject({ type: 'failed' });
    salts = ['a-new-one'];
    expect(await other.payu.readWebhook(form(signed), {})).toBeUndefined();
  });

  it('tries a refund that failed at the bank again, as another one', async () => {
    await using counters = await openCounters();
    const { mihpayid } = await paid(counters);
    await counters.set('payu', { refunds: { end: 'failed' } });
    const first = await counters.payu.refund(refundOf(mihpayid));
    await counters.set('payu', { refunds: { end: 'processed' } });
    const second = await counters.payu.refund(refundOf(mihpayid));
    expect(second.gatewayRefundId).not.toBe(first.gatewayRefundId);
    expect(await counters.payu.refund(refundOf(mihpayid))).toEqual({ ...second, status: 'processed' });
    expect(await counters.payuLedger()).toMatchObject([{ captured: amount, refunded: amount }]);
  });

  it('waits, when PayU refuses a second refund of the same amount so soon after the first', async () => {
    await using counters = await openCounters();
    const { mihpayid } = await paid(counters);
    await counters.set('payu', { refunds: { sameAmountAfterS: 300 } });
    const half = paise(amount / 2);
    await counters.payu.refund(refundOf(mihpayid, half, 1));
    const second = () => counters.payu.refund(refundOf(mihpayid, half, 2));
    await expect(second()).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await counters.set('payu', { refunds: { sameAmountAfterS: 0 } });
    await second();
    await expect(counters.payu.refund(refundOf(mihpayid, half, 3))).rejects.toMatchObject({ code: 'refused' });
    expect(await counters.payuLedger()).toMatchObject([{ captured: amount, refunded: amount }]);
  });

  it('waits for us to mend our salt, rather than giving the payment up', async () => {
    await using counters = await openCounters({ payu: { salts: () => ['wrong'] } });
    await expect(opened(counters)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('leads to PayU by a page with nothing on it but the form', async () => {
    const { render, policy } = payuPages({
      key: 'k"<',
      returnUrl: 'https://shop.example/back',
      firstname: 'Customer',
      email: 'e@x.example',
      phone: '8000000000',
    });
    const offer = { txnid: '"><script>', amount: '10.00', hash: 'h' };
    const page = render(offer);
    expect(page).toContain('action="https://secure.payu.in/_payment"');
    expect(page).toContain('name="enforce_paymethod" value="netbanking"');
    expect(page).not.toContain('"><script>');
    expect(policy).toContain('form-action https://secure.payu.in;');
  });
});

describe('PayU’s own SDK works against the simulator', () => {
  const usual = https.globalAgent;
  afterEach(() => {
    https.globalAgent = usual;
  });

  it('pays, verifies, refunds and asks for the refund', async () => {
    await using counters = await openCounters();
    const { port } = new URL(counters.url);
    // It speaks to port 443 of PayU, always; the lines end here instead.
    class Detour extends https.Agent {
      override createConnection(): ReturnType<typeof connect> {
        return connect(Number(port), '127.0.0.1');
      }
    }
    https.globalAgent = new Detour();
    const sdk = payuSdk({ key: payuKey, salt: payuSalt });
    const fields = formFields(counters.form, { txnid: 'sdk1', amount: '10.00', hash: '' });
    const hash = sdk.hasher.generatePaymentHash(fields);
    const there = await fetch(`${counters.url}/_payment`, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, hash }),
      redirect: 'manual',
    });
    expect(there.status).toBe(302);
    const bank = await fetch(`${counters.url}/payu/pay/sdk1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"outcome":"success"}',
    });
    const { mihpayid, ...fieldsBack } = returned.parse(await bank.json()).fields;
    expect(sdk.hasher.validateResponseHash(fieldsBack)).toBe(true);
    expect(await sdk.verifyPayment('sdk1')).toMatchObject({
      status: 1,
      transaction_details: {
        sdk1: { status: 'success', unmappedstatus: 'captured', amt: '10.00', mihpayid },
      },
    });
    const refund = await sdk.cancelRefundTransaction(mihpayid ?? '', 'token1', '4.00');
    expect(refund).toMatchObject({ status: 1, msg: 'Refund Request Queued' });
    expect(await sdk.checkActionStatus(refund.request_id)).toMatchObject({
      transaction_details: {
        [refund.request_id]: { [refund.request_id]: { action: 'refund', amt: '4.00', status: 'success' } },
      },
    });
  });
});
