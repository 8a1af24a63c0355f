/** For tests: a simulator with all its parts, and the adapters of PayU and of the lender that speak to it; over real HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { freePort } from '../../../brokers/launcher/servers/ports.ts';
import { createPayLater, type PayLaterSettings } from '../../../stores/payments/pay-later/pay-later.ts';
import { formFields, isOffer, type PayuForm } from '../../../stores/payments/payu/payment-page.ts';
import { createPayu, type PayuSettings } from '../../../stores/payments/payu/payu.ts';
import { fixedSecrets } from '../../../stores/payments/secrets.ts';
import { startSimulator } from '../simulator.ts';

/** Public, of PayU's test environment. */
export const payuKey = 'gtKFFx';
export const payuSalt = 'eCwWELxi';
export const lender = { clientSecret: 'a-secret-of-the-client', webhookSecret: 'a-secret-of-the-lenders-webhooks' };
export const customer = { name: 'Asha Rao', email: 'asha@example.com', phone: '9876543210' };

const held = { captured: z.int(), refunded: z.int() };
const payuLedger = z.object({ transactions: z.array(z.object({ txnid: z.string(), attempts: z.int(), ...held })) });
const lenderLedger = z.object({ transactions: z.array(z.object({ id: z.string(), status: z.string(), ...held })) });

export type Counters = Awaited<ReturnType<typeof openCounters>>;

export async function openCounters(
  options: { payu?: Partial<PayuSettings>; payLater?: Partial<PayLaterSettings> } = {},
) {
  const dataDir = mkdtempSync(join(tmpdir(), 'haat-counters-'));
  const came: Record<'payu' | 'pay-later', { body: Buffer; headers: IncomingHttpHeaders }[]> = {
    payu: [],
    'pay-later': [],
  };
  const shop = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const delivery = { body: Buffer.concat(parts), headers: request.headers };
    came[request.url === '/payu' ? 'payu' : 'pay-later'].push(delivery);
    response.end('{}');
  });
  const shopPort = await freePort();
  await new Promise<void>((resolve) => shop.listen(shopPort, '127.0.0.1', resolve));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = () =>
    startSimulator({
      host: '127.0.0.1',
      port,
      dataDir,
      webhookUrl: `http://127.0.0.1:${shopPort}/razorpay`,
      keyId: 'unused',
      keySecret: 'unused',
      webhookSecret: 'unused',
      log: pino({ level: 'silent' }),
      payu: { key: payuKey, salt: payuSalt, webhookUrl: `http://127.0.0.1:${shopPort}/payu` },
      payLater: { ...lender, webhookUrl: `http://127.0.0.1:${shopPort}/pay-later`, publicUrl: url },
    });
  let simulator = await start();

  const quick = { timeoutMs: 400, retryWithinMs: 0 };
  const form: PayuForm = {
    key: payuKey,
    returnUrl: `http://127.0.0.1:${shopPort}/back`,
    firstname: 'Customer',
    email: 'pay@haat.example',
    phone: '8000000000',
  };
  const payuSettings: PayuSettings = {
    ...quick,
    ...form,
    salts: fixedSecrets(payuSalt),
    apiUrl: url,
    paymentUrlOf: (offer) => `https://shop.example/pay/payu?${new URLSearchParams(offer)}`,
    ...options.payu,
  };
  const payLaterSettings: PayLaterSettings = {
    ...quick,
    apiUrl: `${url}/pay-later`,
    clientSecret: lender.clientSecret,
    webhookSecrets: fixedSecrets(lender.webhookSecret),
    ...options.payLater,
  };
  const post = (path: string, body: object) =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const ledgerOf = async <T extends z.ZodType>(part: string, schema: T): Promise<z.infer<T>> =>
    schema.parse(await (await fetch(`${url}/${part}/simulator/ledger`)).json());

  return {
    url,
    came,
    form,
    payu: createPayu(payuSettings),
    payLater: createPayLater(payLaterSettings),
    another: (other: Partial<PayLaterSettings>) => createPayLater({ ...payLaterSettings, ...other }),
    set: async (part: 'payu' | 'pay-later', changes: object) => {
      const answer = await post(`/${part}/simulator/settings`, changes);
      if (!answer.ok) throw new Error(await answer.text());
    },
    /** As a customer does: our page's form, then the bank's page. Resolves with what is sent back to the shop. */
    async payAtPayu(paymentUrl: string, outcome: 'success' | 'failure'): Promise<unknown> {
      const { txnid = '', amount = '', hash = '' } = Object.fromEntries(new URL(paymentUrl).searchParams);
      const offer = { txnid, amount, hash };
      const payer = isOffer(form, offer, [payuSalt], customer) ? customer : undefined;
      const body = new URLSearchParams(formFields(form, offer, payer));
      const there = await fetch(`${url}/_payment`, { method: 'POST', body, redirect: 'manual' });
      if (there.status !== 302) throw new Error(await there.text());
      return (await post(`/payu/pay/${txnid}`, { outcome })).json();
    },
    decide: (id: string, outcome: 'success' | 'failure') => post(`/pay-later/approve/${id}`, { outcome }),
    payuLedger: async () => (await ledgerOf('payu', payuLedger)).transactions,
    lenderLedger: async () => (await ledgerOf('pay-later', lenderLedger)).transactions,
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
  };
}
