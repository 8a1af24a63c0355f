import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Razorpay from 'razorpay';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../brokers/launcher/eventually.ts';
import { amount, credentials, openTill, payment, paymentIdOf, refundIdOf, webhookSecret } from './testing/till.ts';

const basic = `Basic ${Buffer.from(`${credentials.keyId}:${credentials.keySecret}`).toString('base64')}`;

describe('its API', () => {
  it('asks for the key, and refuses in Razorpay’s format', async () => {
    await using till = await openTill();
    const ask = (body: unknown, authorization = basic) =>
      fetch(`${till.url}/v1/orders`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await ask({ amount: 100, currency: 'INR' }, 'Basic bm9ib2R5')).status).toBe(401);
    const refused: readonly [unknown, unknown][] = [
      [
        { amount: 99, currency: 'INR' },
        { field: 'amount', description: 'Order amount less than minimum amount allowed' },
      ],
      [{ amount: 100.5, currency: 'INR' }, { field: 'amount' }],
      [{ amount: 100, currency: 'XYZ' }, { field: 'currency' }],
      [{ amount: 100, currency: 'INR', receipt: 'r'.repeat(41) }, { field: 'receipt' }],
      [
        { amount: 100, currency: 'INR', color: 'red' },
        { description: 'color is/are not required and should not be sent' },
      ],
    ];
    for (const [body, error] of refused) {
      const answer = await ask(body);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        error: { code: 'BAD_REQUEST_ERROR', metadata: {}, ...(error as object) },
      });
    }
  });

  it('takes an order from created over attempted to paid, and not further', async () => {
    await using till = await openTill();
    const opened = await till.razorpay.open(payment());
    const id = String(opened?.gatewayOrderId);
    expect(id).toMatch(/^order_[A-Za-z0-9]{14}$/);
    const order = async () =>
      (await fetch(`${till.url}/v1/orders/${id}`, { headers: { authorization: basic } })).json();
    expect(await order()).toMatchObject({
      status: 'created',
      attempts: 0,
      amount_due: amount,
      receipt: paymentIdOf(1),
    });
    await till.pay(id, 'failure');
    expect(await order()).toMatchObject({ status: 'attempted', attempts: 1, amount_paid: 0 });
    expect((await till.pay(id)).status).toBe(200);
    expect(await order()).toMatchObject({ status: 'paid', attempts: 2, amount_paid: amount, amount_due: 0 });
    expect(await till.pay(id)).toMatchObject({ status: 409, body: { error: { code: 'BAD_REQUEST_ERROR' } } });
    expect((await till.pay('order_00000000000000')).status).toBe(400);
  });

  it('takes one of many payments of an order at the same moment', async () => {
    await using till = await openTill();
    const opened = await till.razorpay.open(payment());
    const answers = await Promise.all(Array.from({ length: 20 }, () => till.pay(String(opened?.gatewayOrderId))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await till.ledger()).orders).toMatchObject([{ captured: amount, attempts: 1, paid: true }]);
  });

  it('makes one refund of one idempotency key, and refuses another request with it', async () => {
    await using till = await openTill();
    const { gatewayPaymentId } = await till.paid();
    const refund = (part: number, key: string) =>
      fetch(`${till.url}/v1/payments/${gatewayPaymentId}/refund`, {
        method: 'POST',
        headers: { authorization: basic, 'content-type': 'application/json', 'x-refund-idempotency': key },
        body: JSON.stringify({ amount: part }),
      });
    const first: unknown = await (await refund(10_000, 'key-0000001')).json();
    expect(await (await refund(10_000, 'key-0000001')).json()).toEqual(first);
    expect((await refund(20_000, 'key-0000001')).status).toBe(400);
    expect((await refund(amount, 'key-0000002')).status).toBe(400);
    expect((await till.ledger()).orders).toMatchObject([{ captured: amount, refunded: 10_000 }]);
  });
});

describe('its webhooks', () => {
  it('are as Razorpay’s: signed, named, with the entities that it shows', async () => {
    await using till = await openTill();
    const { gatewayOrderId, gatewayPaymentId } = await till.paid();
    const { headers, body } = await eventually(() => till.deliveries[0]);
    expect(headers['x-razorpay-event-id']).toMatch(/^evt_[A-Za-z0-9]{14}$/);
    expect(Razorpay.validateWebhookSignature(body, String(headers['x-razorpay-signature']), webhookSecret)).toBe(true);
    expect(JSON.parse(body)).toMatchObject({
      entity: 'event',
      account_id: expect.stringMatching(/^acc_[A-Za-z0-9]{14}$/),
      event: 'order.paid',
      contains: ['payment', 'order'],
      payload: {
        payment: { entity: { id: gatewayPaymentId, order_id: gatewayOrderId, status: 'captured', amount } },
        order: { entity: { id: gatewayOrderId, status: 'paid', receipt: paymentIdOf(1) } },
      },
      created_at: expect.any(Number),
    });
  });

  it('come again until they are taken, the same byte for byte', async () => {
    await using till = await openTill();
    await till.set({ webhooks: { duplicates: 1, dropNext: 2 } });
    await till.paid();
    await eventually(() => till.deliveries.length === 2);
    expect(till.deliveries[1]?.body).toBe(till.deliveries[0]?.body);
    await eventually(async () => (await till.ledger()).undeliveredWebhooks === 0);
  });

  it('overtake each other when told to', async () => {
    await using till = await openTill();
    await till.set({ webhooks: { reorder: true } });
    const { gatewayPaymentId } = await till.paid();
    const second = await till.paid(2);
    await eventually(() => till.deliveries.length === 2);
    expect(till.notices()).toMatchObject([{ gatewayPaymentId: second.gatewayPaymentId }, { gatewayPaymentId }]);
  });
});

describe('its memory', () => {
  it('keeps what it owes when it is ended, and delivers after it is back', async () => {
    await using till = await openTill();
    till.answerWith = 503;
    const { gatewayOrderId } = await till.paid();
    await till.restart();
    expect(till.deliveries).toHaveLength(0);
    till.answerWith = 200;
    await eventually(() => till.notices().some((notice) => notice?.type === 'captured'));
    expect((await till.pay(gatewayOrderId)).status).toBe(409);
  });

  it('goes on with refunds that the bank has not ended', async () => {
    await using till = await openTill();
    await till.set({ refunds: { afterMs: 60_000 } });
    const { gatewayPaymentId } = await till.paid();
    const refund = { ...payment(), refundId: refundIdOf(1), gatewayPaymentId, reason: 'late' };
    expect(await till.razorpay.refund(refund)).toMatchObject({ status: 'requested' });
    await till.restart();
    await eventually(() => till.notices().some((notice) => notice?.type === 'refunded'));
    expect((await till.ledger()).orders).toMatchObject([{ refunded: amount }]);
  });

  it('drops a last line that was cut off, and refuses to start on anything else that it cannot read', async () => {
    await using till = await openTill();
    await till.paid();
    const journal = join(till.dataDir, 'simulator', 'journal.jsonl');
    await eventually(() => readFileSync(journal, 'utf8').includes('"delivered"'));
    appendFileSync(journal, '{"type":"order","id":"order_cut');
    await till.restart();
    expect((await till.ledger()).orders).toHaveLength(1);
    await till.paid(2);
    await till.restart();
    expect((await till.ledger()).orders).toHaveLength(2);
    appendFileSync(journal, 'not a fact\n');
    const before = readFileSync(journal, 'utf8');
    await expect(till.restart()).rejects.toThrow(SyntaxError);
    expect(readFileSync(journal, 'utf8')).toBe(before);
  });
});

describe('its pages', () => {
  it('run no script, and lead through a payment as a browser would', async () => {
    await using till = await openTill();
    const opened = await till.razorpay.open(payment());
    const at = String(opened?.paymentUrl);
    const page = await fetch(at);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    const shown = await page.text();
    expect(shown).toContain('₹1,499.00');
    expect(shown).not.toContain('<script');
    const submit = async (form: Record<string, string>) =>
      (await fetch(at, { method: 'POST', body: new URLSearchParams(form) })).text();
    expect(await submit({ method: 'card', outcome: 'failure' })).toContain('Payment failed');
    expect(await submit({ method: 'card', outcome: 'success' })).toContain('Paid');
    expect(await submit({ method: 'upi', outcome: 'success' })).toContain('Paid');
    expect((await till.ledger()).orders).toMatchObject([{ attempts: 2, captured: amount }]);
    expect(await (await fetch(till.url)).text()).toContain('paid');
  });

  it('show an address that is none as text, or not at all', async () => {
    await using till = await openTill();
    const page = await fetch(`${till.url}/pay/${encodeURIComponent('<script>alert(1)</script>')}`);
    expect(page.status).toBe(404);
    expect(await page.text()).not.toContain('alert');
  });
});
