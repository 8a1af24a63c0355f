/** For tests: a simulator, the Razorpay adapter that speaks to it, and a shop that takes its webhooks; over real HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import type { GatewayNotice, PaymentGateway } from '../../../actors/checkout/ports.ts';
import { type OrderId, type PaymentId, paise, type RefundId } from '../../../actors/ids.ts';
import { freePort } from '../../../brokers/launcher/servers/ports.ts';
import { createRazorpay, type RazorpaySettings } from '../../../stores/payments/razorpay.ts';
import { startSimulator } from '../simulator.ts';

export const credentials = { keyId: 'rzp_test_0123456789', keySecret: 'a-secret-of-the-key' };
export const webhookSecret = 'a-secret-of-the-webhooks';

const id = (prefix: string, n: number): string => `${prefix}_${n.toString(16).padStart(32, '0')}`;
export const paymentIdOf = (n: number): PaymentId => id('pay', n) as PaymentId;
export const orderIdOf = (n: number): OrderId => id('ord', n) as OrderId;
export const refundIdOf = (n: number): RefundId => id('rfd', n) as RefundId;
export const amount = paise(149_900);
export const payment = (n = 1) => ({
  paymentId: paymentIdOf(n),
  orderId: orderIdOf(n),
  amount,
  method: 'upi' as const,
});

const paid = z.object({ gatewayOrderId: z.string(), gatewayPaymentId: z.string() });
const ledger = z.object({
  undeliveredWebhooks: z.int(),
  orders: z.array(
    z.object({
      gatewayOrderId: z.string(),
      captured: z.int(),
      refunded: z.int(),
      attempts: z.int(),
      paid: z.boolean(),
    }),
  ),
});

export type Delivery = {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly notice: GatewayNotice | undefined;
};

export type Till = Awaited<ReturnType<typeof openTill>>;

/** `timeoutMs` of the adapter is short; it does not retry unless told to. */
export async function openTill(adapter: Partial<RazorpaySettings> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'haat-simulator-'));
  const log = pino({ level: 'silent' });
  const deliveries: Delivery[] = [];
  const till = { answerWith: 200 };

  const shop = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const notice = await razorpay.readWebhook(body, request.headers).catch(() => undefined);
    if (till.answerWith === 200) deliveries.push({ headers: request.headers, body: body.toString(), notice });
    response.statusCode = till.answerWith;
    response.end('{}');
  });
  const shopPort = await freePort();
  await new Promise<void>((resolve) => shop.listen(shopPort, '127.0.0.1', resolve));

  const port = await freePort();
  const start = () =>
    startSimulator({
      host: '127.0.0.1',
      port,
      dataDir,
      webhookUrl: `http://127.0.0.1:${shopPort}/api/payments/webhooks/razorpay`,
      ...credentials,
      webhookSecret,
      log,
    });
  let simulator = await start();
  const { url } = simulator;
  const settings: RazorpaySettings = {
    ...credentials,
    baseUrl: url,
    timeoutMs: 400,
    retryWithinMs: 0,
    webhookSecrets: [webhookSecret],
    paymentUrlOf: (gatewayOrderId) => `${url}/pay/${gatewayOrderId}`,
    ...adapter,
  };
  const razorpay = createRazorpay(settings);

  const send = async (path: string, body: unknown) => {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const json: unknown = await answer.json();
    return { status: answer.status, body: json };
  };

  return Object.assign(till, {
    url,
    dataDir,
    razorpay,
    deliveries,
    notices: (): readonly (GatewayNotice | undefined)[] => deliveries.map(({ notice }) => notice),
    /** Another adapter to the same simulator. */
    adapter: (other: Partial<RazorpaySettings>): PaymentGateway => createRazorpay({ ...settings, ...other }),
    send,
    set: (changes: unknown) => send('/simulator/settings', changes),
    pay: (gatewayOrderId: string, outcome: 'success' | 'failure' = 'success') =>
      send(`/pay/${gatewayOrderId}`, { outcome }),
    /** Opens the nth payment and pays it. */
    async paid(n = 1) {
      const opened = await razorpay.open(payment(n));
      const answer = await send(`/pay/${opened?.gatewayOrderId}`, { outcome: 'success' });
      return paid.parse(answer.body);
    },
    ledger: async () => ledger.parse(await (await fetch(`${url}/simulator/ledger`)).json()),
    async restart() {
      await simulator.stop();
      simulator = await start();
    },
    async [Symbol.asyncDispose]() {
      await simulator.stop();
      shop.closeAllConnections();
      await new Promise((resolve) => shop.close(resolve));
      rmSync(dataDir, { recursive: true, force: true });
    },
  });
}
