/**
 * The payment simulator, on a port of its own: Razorpay's Orders API, payments and refunds with Basic auth, a pay page,
 * and real signed webhooks. It stands in for an outside party and is behind the same adapter as the real one.
 */
import { timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { Books, Refused } from './books.ts';
import { Deliveries } from './deliveries.ts';
import { PAGE_CSP, paidPage, payPage } from './pay-page.ts';
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
};

const notes = z.union([z.record(z.string(), z.coerce.string()), z.array(z.never()).transform(() => ({}))]).default({});
const orderInput = z.object({
  amount: z.coerce.number().int().min(100, 'Order amount less than minimum amount allowed'),
  currency: z.literal('INR'),
  receipt: z.string().max(40).nullable().default(null),
  notes,
});
const refundInput = z
  .object({
    amount: z.coerce.number().int().positive().optional(),
    notes,
    receipt: z.string().max(40).nullable().default(null),
  })
  .prefault({});
const payInput = z.object({
  outcome: z.enum(['success', 'failure']),
  method: z.enum(['upi', 'card', 'netbanking']).default('upi'),
});

export async function startSimulator(options: SimulatorOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const books = await Books.open(join(options.dataDir, 'simulator', 'books.jsonl'));
  const settings = defaultSettings();
  const { log, webhookUrl, webhookSecret } = options;
  const deliveries = new Deliveries({ books, url: webhookUrl, secret: webhookSecret, settings, log });
  const app = Fastify({ bodyLimit: 64 * 1024, requestTimeout: 10_000 });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof z.ZodError) return refuse(reply, 400, error.issues[0]?.message ?? 'Bad request');
    if (error instanceof Refused) return refuse(reply, error.status, error.message);
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status >= 500) log.error({ event: 'simulator-failed', err: error });
    return refuse(reply, status, error instanceof Error ? error.message : 'Something went wrong');
  });
  serveApi(app, books, deliveries, settings, options);
  servePages(app, books, deliveries);
  serveControls(app, books, settings);
  const url = await app.listen({ host: options.host, port: options.port });
  deliveries.resume();
  return {
    url,
    async stop() {
      deliveries.stop();
      await app.close();
      await books.close();
    },
  };
}

/** https://razorpay.com/docs/api/errors */
function refuse(reply: FastifyReply, status: number, description: string): FastifyReply {
  const code = status >= 500 ? 'SERVER_ERROR' : 'BAD_REQUEST_ERROR';
  return reply.code(status).send({ error: { code, description, source: 'business', step: 'NA', reason: 'NA' } });
}

function serveApi(
  root: FastifyInstance,
  books: Books,
  deliveries: Deliveries,
  settings: SimulatorSettings,
  { keyId, keySecret }: SimulatorOptions,
): void {
  const expected = Buffer.from(`Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`);
  root.register(
    async (app) => {
      app.addHook('onRequest', async (request, reply) => {
        const given = Buffer.from(request.headers.authorization ?? '');
        if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
          return refuse(reply, 401, 'Authentication failed');
        }
        const { api } = settings;
        if (api.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, api.delayMs));
        if (api.failNext > 0) {
          api.failNext--;
          return refuse(reply, 503, 'The server is having a bad time, as it was asked to');
        }
        return undefined;
      });
      const list = <T>(items: readonly T[]) => ({ entity: 'collection', count: items.length, items });
      type ById = { Params: { id: string } };

      app.post('/orders', (request) => books.createOrder(orderInput.parse(request.body)));
      app.get<{ Querystring: { receipt?: string } }>('/orders', async ({ query }) =>
        list(query.receipt === undefined ? [] : books.ordersWithReceipt(query.receipt)),
      );
      app.get<ById>('/orders/:id', async ({ params }) => books.order(params.id));
      app.get<ById>('/orders/:id/payments', async ({ params }) => list(books.paymentsOf(params.id)));
      app.get<ById>('/payments/:id', async ({ params }) => books.payment(params.id));
      app.get<ById>('/payments/:id/refunds', async ({ params }) => list(books.refundsOf(params.id)));
      app.get<ById>('/refunds/:id', async ({ params }) => books.refundById(params.id));
      app.post<ById>('/payments/:id/refund', async ({ params, body }) => {
        const { refund, event } = await books.refund(params.id, refundInput.parse(body ?? undefined));
        deliveries.send(event);
        return refund;
      });
    },
    { prefix: '/v1' },
  );
}

function servePages(app: FastifyInstance, books: Books, deliveries: Deliveries): void {
  const html = (reply: FastifyReply, content: string) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', PAGE_CSP)
      .header('cache-control', 'no-store')
      .send(content);
  type ById = { Params: { id: string } };
  app.get<ById>('/pay/:id', async ({ params }, reply) => {
    const order = books.order(params.id);
    return html(reply, order.status === 'paid' ? paidPage(order, 'success') : payPage(order));
  });
  /** JSON for scripts; a form from the page. */
  app.post<ById>('/pay/:id', async (request, reply) => {
    const { outcome, method } = payInput.parse(request.body);
    const { payment, event } = await books.pay(request.params.id, outcome, method);
    deliveries.send(event);
    if (request.headers['content-type']?.includes('urlencoded')) {
      return html(reply, paidPage(books.order(request.params.id), outcome));
    }
    return { gatewayOrderId: payment.order_id, gatewayPaymentId: payment.id, status: payment.status };
  });
}

function serveControls(app: FastifyInstance, books: Books, settings: SimulatorSettings): void {
  app.get('/health/ready', async () => ({ status: 'ok' }));
  app.get('/simulator/ledger', async () => ({ currency: 'INR', orders: books.ledger() }));
  app.get('/simulator/settings', async () => settings);
  app.post('/simulator/settings', async (request) => {
    const { webhooks, api } = settingsSchema.parse(request.body);
    Object.assign(settings.webhooks, webhooks);
    Object.assign(settings.api, api);
    return settings;
  });
}
