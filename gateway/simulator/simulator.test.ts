import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import Razorpay from 'razorpay';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayError, type GatewayNotice, type PaymentGateway } from '../../actors/checkout/ports.ts';
import type { OrderId, PaymentId, RefundId } from '../../actors/ids.ts';
import { paise } from '../../actors/ids.ts';
import { eventually } from '../../brokers/launcher/eventually.ts';
import { freePort } from '../../brokers/launcher/servers/ports.ts';
import { createRazorpay } from '../../stores/payments/razorpay.ts';
import { startSimulator } from './simulator.ts';

const keyId = 'rzp_test_0123456789';
const keySecret = 'a-secret-of-the-key';
const webhookSecret = 'a-secret-of-the-webhooks';
const paymentId = `pay_${'0'.repeat(32)}` as PaymentId;
const orderId = `ord_${'0'.repeat(32)}` as OrderId;
const refundId = `rfd_${'0'.repeat(32)}` as RefundId;
const amount = paise(149_900);

let dataDir: string;
let shop: Server;
let shopUrl: string;
let notices: (GatewayNotice | undefined)[];
let answerWith: number;
let simulator: Awaited<ReturnType<typeof startSimulator>>;
let razorpay: PaymentGateway;

async function start(): Promise<void> {
  const log = pino({ level: 'silent' });
  const port = await freePort();
  const options = { host: '127.0.0.1', port, dataDir, webhookUrl: shopUrl, keyId, keySecret, webhookSecret, log };
  simulator = await startSimulator(options);
  razorpay = createRazorpay({
    keyId,
    keySecret,
    baseUrl: simulator.url,
    timeoutMs: 300,
    retryWithinMs: 0,
    breaker: { failures: 8, openMs: 2_000 },
    webhookSecrets: ['the-next-secret-to-come', webhookSecret],
    paymentUrlOf: (id) => `${simulator.url}/pay/${id}`,
  });
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'haat-simulator-'));
  notices = [];
  answerWith = 200;
  shop = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      if (answerWith === 200) notices.push(await razorpay.readWebhook(Buffer.concat(parts), request.headers));
      response.statusCode = answerWith;
      response.end('{}');
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => shop.listen(port, '127.0.0.1', resolve));
  shopUrl = `http://127.0.0.1:${port}/api/payments/webhooks/razorpay`;
  await start();
});

afterEach(async () => {
  await simulator.stop();
  shop.closeAllConnections();
  await new Promise((resolve) => shop.close(resolve));
  rmSync(dataDir, { recursive: true, force: true });
});

const post = async (path: string, body: unknown) => {
  const answer = await fetch(simulator.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: paidSchema.or(z.unknown()).parse(await answer.json()) };
};
const paidSchema = z.object({ gatewayOrderId: z.string(), gatewayPaymentId: z.string() });

async function paid(): Promise<{ gatewayOrderId: string; gatewayPaymentId: string }> {
  const opened = await razorpay.open({ paymentId, orderId, amount, method: 'upi' });
  const { body } = await post(`/pay/${opened?.gatewayOrderId}`, { outcome: 'success' });
  return paidSchema.parse(body);
}

describe('the payment simulator and the Razorpay adapter', () => {
  it('takes a payment and says so once, signed', async () => {
    const { gatewayOrderId, gatewayPaymentId } = await paid();
    await eventually(() => expect(notices).toHaveLength(1));
    expect(notices[0]).toMatchObject({ type: 'captured', paymentId, gatewayPaymentId, amount });
    const again = await post(`/pay/${gatewayOrderId}`, { outcome: 'success' });
    expect(again.status).toBe(409);
    const ledger: unknown = await (await fetch(`${simulator.url}/simulator/ledger`)).json();
    expect(ledger).toMatchObject({ orders: [{ gatewayOrderId, captured: amount, refunded: 0 }] });
  });

  it('tells of a failed attempt, found by the receipt of its order, and lets the customer try again', async () => {
    const opened = await razorpay.open({ paymentId, orderId, amount, method: 'upi' });
    await post(`/pay/${opened?.gatewayOrderId}`, { outcome: 'failure' });
    await eventually(() => expect(notices).toHaveLength(1));
    expect(notices[0]).toMatchObject({ type: 'failed', paymentId, code: 'payment_failed' });
    expect((await post(`/pay/${opened?.gatewayOrderId}`, { outcome: 'success' })).status).toBe(200);
  });

  it('refunds once, however often it is asked', async () => {
    const { gatewayPaymentId } = await paid();
    const refund = { paymentId, refundId, gatewayPaymentId, amount, reason: 'late' };
    const first = await razorpay.refund(refund);
    expect(await razorpay.refund(refund)).toEqual(first);
    await eventually(() => expect(notices.filter((notice) => notice?.type === 'refunded')).toHaveLength(1));
    const other = { ...refund, refundId: `rfd_${'1'.repeat(32)}` as RefundId };
    await expect(razorpay.refund(other)).rejects.toMatchObject({ code: 'refused', retryable: false });
  });

  it('keeps what it owes when it is ended, and delivers after it is back', async () => {
    answerWith = 503;
    await paid();
    await simulator.stop();
    answerWith = 200;
    await start();
    await eventually(() => expect(notices.some((notice) => notice?.type === 'captured')).toBe(true));
  });

  it('sends repeats when told to, and refuses what is not signed', async () => {
    await post('/simulator/settings', { webhooks: { duplicates: 2 } });
    await paid();
    await eventually(() => expect(notices).toHaveLength(3));
    const body = Buffer.from('{"event":"order.paid","payload":{}}');
    expect(await razorpay.readWebhook(body, { 'x-razorpay-signature': '0'.repeat(64) })).toBeUndefined();
    expect(await razorpay.readWebhook(body, {})).toBeUndefined();
  });

  it('maps silence, refusals and trouble, and stops asking for a moment', async () => {
    await post('/simulator/settings', { api: { delayMs: 1_000 } });
    const open = () => razorpay.open({ paymentId, orderId, amount, method: 'upi' });
    await expect(open()).rejects.toMatchObject({ code: 'timeout', retryable: true });
    await post('/simulator/settings', { api: { failNext: 100 } });
    for (let n = 0; n < 7; n++) await expect(open()).rejects.toMatchObject({ code: 'unavailable' });
    await post('/simulator/settings', { api: { failNext: 0 } });
    await expect(open()).rejects.toThrow('not asked for a moment');
    await expect(razorpay.open({ paymentId, orderId, amount: paise(1), method: 'upi' })).rejects.toThrow(GatewayError);
  });

  it('speaks to the official SDK as Razorpay does, signatures included', async () => {
    const body = JSON.stringify({ event: 'payment.authorized', payload: {} });
    const { createHmac } = await import('node:crypto');
    const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
    expect(Razorpay.validateWebhookSignature(body, signature, webhookSecret)).toBe(true);
    expect(await razorpay.readWebhook(Buffer.from(body), { 'x-razorpay-signature': signature })).toEqual({
      type: 'ignored',
      event: 'payment.authorized',
    });
  });

  it('shows a page that runs no script and escapes what it shows', async () => {
    const opened = await razorpay.open({ paymentId, orderId, amount, method: 'upi' });
    const page = await fetch(`${simulator.url}/pay/${opened?.gatewayOrderId}`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();
    expect(html).toContain('₹1,499.00');
    expect(html).not.toContain('<script');
    const unknown = await fetch(`${simulator.url}/pay/${encodeURIComponent('<b>')}`);
    expect(unknown.status).toBe(400);
  });
});
