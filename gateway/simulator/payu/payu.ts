/** PayU's part of the simulator: `_payment`, the bank's page, `postservice.php`, and its webhooks, on the simulator's port. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { requestHash } from '../../../stores/payments/payu/hashes.ts';
import { paiseOf } from '../../../stores/payments/payu/rupees.ts';
import { Refused } from '../books.ts';
import { Deliveries } from '../deliveries.ts';
import { noTrouble, trouble } from '../settings.ts';
import { PayuBooks } from './books.ts';
import { serveCommands } from './commands.ts';
import { paymentWebhook, refundWebhook, responseFields } from './entities.ts';
import { type Attempt, isPaid, type Posted, type Refund, type RefundEnd, type Webhook } from './facts.ts';
import { BANK_CSP, bankPage, returnPage } from './pages.ts';

export type PayuPartOptions = { readonly key: string; readonly salt: string; readonly webhookUrl: string };

const webhooks = trouble.webhooks.extend({ format: z.enum(['form', 'json']) });
/** PayU refuses another refund of the same amount for five minutes; here for as long as is said. */
const refunds = trouble.refunds.extend({ sameAmountAfterS: z.int().min(0).max(3_600) });
/** Added to what the customer pays, in paise. */
const charges = z.int().min(0).max(1_000_000);
const settingsSchema = z.strictObject({
  webhooks: webhooks.partial().optional(),
  api: trouble.api.partial().optional(),
  refunds: refunds.partial().optional(),
  charges: charges.optional(),
});

const text = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^|]*$/, 'has a pipe in it');
const posted = z.object({
  key: text,
  txnid: text.max(25),
  amount: text,
  productinfo: text,
  firstname: text,
  email: text,
  surl: z.url({ protocol: /^https?$/ }),
  furl: z.url({ protocol: /^https?$/ }),
  phone: z.string().regex(/^\d{6,15}$/),
  hash: z.string(),
});
const outcomeInput = z.object({ outcome: z.enum(['success', 'failure']) });

export async function openPayuPart(app: FastifyInstance, path: string, options: PayuPartOptions, log: Logger) {
  const { key, salt } = options;
  const books = await PayuBooks.open(path);
  const quiet = noTrouble();
  const settings = {
    ...quiet,
    webhooks: { ...quiet.webhooks, format: 'form' as 'form' | 'json' },
    refunds: { ...quiet.refunds, sameAmountAfterS: 0 },
    charges: 0,
  };
  const tell = {
    attempt: (attempt: Attempt) => paymentWebhook(attempt, salt, settings.webhooks.format),
    refund: (refund: Refund, end: RefundEnd) => refundWebhook(refund, end),
  };
  const deliveries = new Deliveries<Webhook>({
    url: options.webhookUrl,
    settings: settings.webhooks,
    log,
    message: ({ type, body }) => ({ headers: { 'content-type': type }, body }),
    delivered: (id) => books.delivered(id),
  });
  const timers = new Set<NodeJS.Timeout>();

  const end = async (refund: Refund): Promise<void> => {
    const webhook = await books.endRefund(refund, settings.refunds.end === 'failed' ? 'failure' : 'success', tell);
    if (webhook !== undefined) deliveries.send(webhook);
  };
  const take = async (refund: Refund): Promise<void> => {
    if (settings.refunds.afterMs === 0) return end(refund);
    const timer = setTimeout(() => {
      timers.delete(timer);
      // If it cannot be written it stays queued, and is taken up after a restart.
      end(refund).catch(() => undefined);
    }, settings.refunds.afterMs);
    timers.add(timer);
  };

  app.register(async (part) => {
    serveCommands(part, { books, key, salt, settings, take });
  });
  app.post('/_payment', async ({ body }, reply) => {
    const { hash, ...given } = posted.parse(body);
    if (given.key !== key || hash.toLowerCase() !== requestHash({ ...fieldsOf(body), ...given }, salt))
      throw new Refused(
        400,
        'Error. Sorry! We could not process your payment: transaction failed due to incorrectly calculated hash parameter',
      );
    const amount = paiseOf(given.amount);
    if (amount === undefined || amount < 100) throw new Refused(400, 'Invalid amount', 'amount');
    await books.post({ ...udfsOf(body), ...given }, amount);
    return reply.redirect(`/payu/pay/${encodeURIComponent(given.txnid)}`, 302);
  });
  app.get<{ Params: { txnid: string } }>('/payu/pay/:txnid', async ({ params }, reply) =>
    show(reply, bankPage(books.transaction(params.txnid)), BANK_CSP),
  );
  /** JSON for scripts; a form from the page. */
  app.post<{ Params: { txnid: string } }>('/payu/pay/:txnid', async (request, reply) => {
    const { outcome } = outcomeInput.parse(request.body);
    const { txnid } = request.params;
    const { attempt, owed } = await books.pay(txnid, outcome === 'success', settings.charges, tell);
    deliveries.send(owed);
    const fields = responseFields(attempt, salt);
    const back = attempt.success ? attempt.transaction.posted.surl : attempt.transaction.posted.furl;
    if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return { url: back, fields };
    const { html, policy } = returnPage(back, fields);
    return show(reply, html, policy);
  });
  app.get('/payu/simulator/ledger', async () => ({
    undeliveredWebhooks: books.owed().length,
    transactions: books.all().map((transaction) => ({
      txnid: transaction.posted.txnid,
      attempts: transaction.attempts.length,
      captured: isPaid(transaction) ? transaction.amount : 0,
      refunded: transaction.attempts
        .flatMap(({ refunds }) => refunds)
        .reduce((total, { status, amount }) => total + (status === 'success' ? amount : 0), 0),
    })),
  }));
  app.post('/payu/simulator/settings', async ({ body }) => {
    const given = settingsSchema.parse(body);
    Object.assign(settings.webhooks, given.webhooks);
    Object.assign(settings.api, given.api);
    Object.assign(settings.refunds, given.refunds);
    if (given.charges !== undefined) settings.charges = given.charges;
    return settings;
  });

  return {
    async resume(): Promise<void> {
      deliveries.resume(books.owed());
      for (const refund of books.queued()) await take(refund);
    },
    async stop(): Promise<void> {
      for (const timer of timers) clearTimeout(timer);
      deliveries.stop();
    },
    close: () => books.close(),
  };
}

const fieldsOf = (body: unknown): Readonly<Record<string, string>> =>
  typeof body === 'object' && body !== null
    ? Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'string'))
    : {};

const udfsOf = (body: unknown): Pick<Posted, 'udf1' | 'udf2' | 'udf3' | 'udf4' | 'udf5'> =>
  Object.fromEntries(Object.entries(fieldsOf(body)).filter(([name]) => /^udf[1-5]$/.test(name)));

const show = (reply: FastifyReply, content: string, policy: string): FastifyReply =>
  reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .send(content);
