/**
 * The payment simulator, on a port of its own: Razorpay's Orders API, payments and refunds with Basic auth, a pay page,
 * and real signed webhooks. It stands in for an outside party and is behind the same adapter as the real one.
 */
import { join } from 'node:path';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { sendError, serveApi } from './api.ts';
import { Books, Refused } from './books.ts';
import { Deliveries } from './deliveries.ts';
import { signedWebhook } from './entities.ts';
import { isPaid, type Webhook } from './facts.ts';
import { openPayLaterPart, type PayLaterPartOptions } from './pay-later/pay-later.ts';
import { failedPage, overviewPage, PAGE_CSP, paidPage, payPage, unknownPage } from './pay-page.ts';
import { openPayuPart, type PayuPartOptions } from './payu/payu.ts';
import { RefundDesk } from './refund-desk.ts';
import { defaultSettings, type SimulatorSettings, settingsSchema } from './settings.ts';

export type SimulatorOptions = {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly webhookUrl: string;
  readonly keyId: string;
  readonly keySecret: string;
  readonly webhookSecret: string;
  readonly log: Logger;
  /** The parts of other gateways, where they are offered. */
  readonly payu?: PayuPartOptions;
  /** `publicUrl`: of this simulator, as customers see it. */
  readonly payLater?: PayLaterPartOptions & { readonly publicUrl: string };
};

const payInput = z.strictObject({
  outcome: z.enum(['success', 'failure']),
  method: z.enum(['upi', 'card', 'netbanking']).default('upi'),
});

export async function startSimulator(options: SimulatorOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const { log, webhookUrl, webhookSecret, keyId, keySecret } = options;
  const books = await Books.open(join(options.dataDir, 'simulator', 'journal.jsonl'));
  const settings = defaultSettings();
  const deliveries = new Deliveries<Webhook>({
    url: webhookUrl,
    settings: settings.webhooks,
    log,
    message: (webhook) => signedWebhook(webhook, webhookSecret),
    delivered: (id) => books.delivered(id),
  });
  const desk = new RefundDesk({ books, deliveries, settings });
  const app = Fastify({ bodyLimit: 64 * 1_024, requestTimeout: 10_000, forceCloseConnections: true });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.setErrorHandler((error, _request, reply) => {
    sendError(reply, error);
    if (reply.statusCode === 500) log.error({ event: 'simulator-failed', err: error });
  });
  app.setNotFoundHandler((_request, reply) => {
    sendError(reply, new Refused(404, 'The requested URL was not found on the server.'));
  });
  app.register((api) => serveApi(api, { books, desk, settings, keyId, keySecret }), { prefix: '/v1' });
  servePages(app, books, deliveries, settings);
  serveControls(app, books, settings);
  const parts: { resume(): Promise<void>; stop(): Promise<void>; close(): Promise<void> }[] = [];
  try {
    const { payu, payLater } = options;
    const journal = (name: string): string => join(options.dataDir, 'simulator', name);
    if (payu !== undefined) parts.push(await openPayuPart(app, journal('payu.jsonl'), payu, log));
    if (payLater !== undefined)
      parts.push(await openPayLaterPart(app, journal('pay-later.jsonl'), payLater.publicUrl, payLater, log));
    const url = await app.listen({ host: options.host, port: options.port });
    deliveries.resume(books.owed());
    await desk.resume();
    for (const part of parts) await part.resume();
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function stop(): Promise<void> {
    desk.stop();
    deliveries.stop();
    for (const part of parts) await part.stop();
    await app.close();
    await books.close();
    for (const part of parts) await part.close();
  }
}

/** Of a transaction of the lender, or of one that the customer's form has brought to PayU. */
function pageOf(id: string): string | undefined {
  if (/^txn_[0-9A-Za-z]+$/.test(id)) return `/pay-later/approve/${id}`;
  return /^[0-9A-Za-z]{22}$/.test(id) ? `/payu/pay/${id}` : undefined;
}

function servePages(
  app: FastifyInstance,
  books: Books,
  deliveries: Deliveries<Webhook>,
  settings: SimulatorSettings,
): void {
  const show = (reply: FastifyReply, content: string, status = 200) =>
    reply
      .code(status)
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', PAGE_CSP)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', 'no-store')
      .send(content);
  type ById = { Params: { id: string } };

  app.get('/', (_request, reply) => show(reply, overviewPage(books.latest(20))));
  app.get<ById>(
    '/pay/:id',
    { errorHandler: (_error, _request, reply) => void show(reply, unknownPage(), 404) },
    async ({ params }, reply) => {
      const order = books.order(params.id);
      return show(reply, isPaid(order) ? paidPage(order) : payPage(order));
    },
  );
  /** JSON for scripts; a form from the page. */
  app.post<ById>('/pay/:id', async (request, reply) => {
    const { id } = request.params;
    const other = pageOf(id);
    if (other !== undefined) {
      // For scripts, which pay at one address whatever the gateway is.
      const answer = await app.inject({ method: 'POST', url: other, payload: payInput.parse(request.body) });
      return reply
        .code(answer.statusCode)
        .header('content-type', answer.headers['content-type'])
        .send(answer.rawPayload);
    }
    const { outcome, method } = payInput.parse(request.body);
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
    // Sent twice from the page: the second click changes nothing.
    if (isForm && isPaid(books.order(id))) return show(reply, paidPage(books.order(id)));
    const { payment, owed } = await books.pay(id, outcome, method, settings.webhooks.success);
    for (const webhook of owed) deliveries.send(webhook);
    if (isForm) return show(reply, payment.captured ? paidPage(payment.order) : failedPage(payment.order));
    return { gatewayOrderId: id, gatewayPaymentId: payment.id, status: payment.captured ? 'captured' : 'failed' };
  });
}

function serveControls(app: FastifyInstance, books: Books, settings: SimulatorSettings): void {
  app.get('/health/ready', async () => ({ status: 'ok' }));
  app.get('/simulator/ledger', async () => ({
    currency: 'INR',
    undeliveredWebhooks: books.owed().length,
    orders: books.ledger(),
  }));
  app.get('/simulator/settings', async () => settings);
  app.post('/simulator/settings', async (request) => {
    const { webhooks, api, refunds } = settingsSchema.parse(request.body);
    Object.assign(settings.webhooks, webhooks);
    Object.assign(settings.api, api);
    Object.assign(settings.refunds, refunds);
    return settings;
  });
}
