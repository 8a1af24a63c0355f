/** The lender's part of the simulator, under `/pay-later`: its API, the page on which the customer approves, its webhooks. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { html, page, rupees } from '../../../stores/payments/html.ts';
import { SIGNATURE_HEADER, sign } from '../../../stores/payments/pay-later/signature.ts';
import { Refused } from '../books.ts';
import { Deliveries } from '../deliveries.ts';
import { noTrouble, trouble } from '../settings.ts';
import { loseAnswers, misbehave } from '../trouble.ts';
import { LenderBooks } from './books.ts';
import { refundEntity, transactionEntity } from './entities.ts';
import type { Refund, Transaction, Webhook } from './facts.ts';

export type PayLaterPartOptions = {
  readonly clientSecret: string;
  readonly webhookSecret: string;
  readonly webhookUrl: string;
};

const paise = z.int().min(0);
const settingsSchema = z.strictObject({
  webhooks: trouble.webhooks.partial().optional(),
  api: trouble.api.partial().optional(),
  refunds: trouble.refunds.partial().optional(),
  /** What the lender lends to anybody; 0: to nobody. */
  credit: paise.optional(),
  /** How long an authorisation stands, in seconds. */
  holdsFor: z.int().min(0).optional(),
});
const phone = z.string().regex(/^[6-9]\d{9}$/, 'phone_number is not one of India');
const eligibilityInput = z.strictObject({ phone_number: phone, amount_in_paise: paise });
const createInput = eligibilityInput.extend({ order_id: z.string().min(1).max(64) });
const captureInput = z.strictObject({ amount_in_paise: paise });
const refundInput = z.strictObject({ refund_id: z.string().min(1).max(64), amount_in_paise: paise });
const decisionInput = z.object({ outcome: z.enum(['success', 'failure']) });
type ById = { Params: { id: string } };

const WEEK_S = 7 * 86_400;
const pages = page({
  style:
    'body{font:1.1rem system-ui;max-width:24rem;margin:4rem auto;padding:1rem}button{font:inherit;padding:.6rem 1rem;margin-right:.5rem}',
  formAction: "'self'",
});

export async function openPayLaterPart(
  app: FastifyInstance,
  path: string,
  url: string,
  options: PayLaterPartOptions,
  log: Logger,
) {
  const { clientSecret, webhookSecret } = options;
  const books = await LenderBooks.open(path, url);
  const settings = { ...noTrouble(), credit: 5_000_000, holdsFor: WEEK_S };
  const deliveries = new Deliveries<Webhook>({
    url: options.webhookUrl,
    settings: settings.webhooks,
    log,
    message: ({ body }) => {
      const signature = sign(webhookSecret, Math.floor(Date.now() / 1_000), body);
      return { headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature }, body };
    },
    delivered: (id) => books.delivered(id),
  });
  books.onOwed = (webhook) => deliveries.send(webhook);
  const timers = new Set<NodeJS.Timeout>();
  const shown = (transaction: Transaction) => transactionEntity(transaction, url);

  const take = async ({ id }: Transaction, refund: Refund): Promise<void> => {
    const { end, afterMs } = settings.refunds;
    if (afterMs === 0) return books.endRefund(refund, id, end);
    const timer = setTimeout(() => {
      timers.delete(timer);
      // If it cannot be written it stays pending, and is taken up after a restart.
      books.endRefund(refund, id, end).catch(() => undefined);
    }, afterMs);
    timers.add(timer);
  };

  app.register(
    async (api) => {
      const expected = Buffer.from(`Bearer ${clientSecret}`);
      api.addHook('onRequest', async ({ headers }) => {
        const given = Buffer.from(headers.authorization ?? '');
        if (given.length !== expected.length || !timingSafeEqual(given, expected))
          throw new Refused(401, 'unauthorized');
        await misbehave(settings.api);
      });
      loseAnswers(api, settings.api, ({ method, url: asked }) => method === 'POST' && !asked.endsWith('/eligibility'));

      api.post('/eligibility', async ({ body }) => {
        const eligible = eligibilityInput.parse(body).amount_in_paise <= settings.credit;
        return eligible
          ? { eligible, available_credit_in_paise: settings.credit }
          : { eligible, reason: 'limit_exceeded' };
      });
      api.post('/transactions', async ({ body }) => {
        const { order_id, amount_in_paise } = createInput.parse(body);
        if (amount_in_paise > settings.credit) throw new Refused(422, 'limit_exceeded');
        return shown(await books.create(order_id, amount_in_paise));
      });
      api.get<ById>('/transactions/:id', async ({ params }) => shown(await books.read(params.id)));
      api.post<ById>('/transactions/:id/capture', async ({ params, body }) =>
        shown(await books.capture(params.id, captureInput.parse(body).amount_in_paise)),
      );
      api.post<ById>('/transactions/:id/void', async ({ params }) => shown(await books.void(params.id)));
      api.post<ById>('/transactions/:id/refunds', async ({ params, body }) => {
        const { refund_id, amount_in_paise } = refundInput.parse(body);
        const refund = await books.refund(params.id, refund_id, amount_in_paise);
        if (refund.status === 'pending') await take(books.transaction(params.id), refund);
        return refundEntity(refund);
      });
    },
    { prefix: '/pay-later/v1' },
  );

  app.get<ById>('/pay-later/approve/:id', async ({ params }, reply) => {
    const { id, amount, status } = books.transaction(params.id);
    const form = html`<form method="post" action="/pay-later/approve/${id}"><button name="outcome" value="success">Approve</button>
<button name="outcome" value="failure">Decline</button></form>`;
    const content = html`<h1>${rupees(amount)}, paid later</h1>${status === 'created' ? form : html`<p>${status}</p>`}`;
    return reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', pages.policy)
      .header('cache-control', 'no-store')
      .send(pages.render('Pay later · Haat payment simulator', content));
  });
  app.post<ById>('/pay-later/approve/:id', async ({ params, body }) => {
    const { outcome } = decisionInput.parse(body);
    return { status: (await books.decide(params.id, outcome === 'success', settings.holdsFor)).status };
  });
  app.get('/pay-later/simulator/ledger', async () => ({
    undeliveredWebhooks: books.owed().length,
    transactions: books.all().map(({ id, orderId, status, captured, refunds }) => ({
      id,
      orderId,
      status,
      captured,
      refunded: refunds.reduce((total, refund) => total + (refund.status === 'processed' ? refund.amount : 0), 0),
    })),
  }));
  app.post('/pay-later/simulator/settings', async ({ body }) => {
    const { webhooks, api, refunds, ...given } = settingsSchema.parse(body);
    Object.assign(settings.webhooks, webhooks);
    Object.assign(settings.api, api);
    Object.assign(settings.refunds, refunds);
    Object.assign(settings, given);
    return settings;
  });

  return {
    async resume(): Promise<void> {
      deliveries.resume(books.owed());
      for (const [transaction, refund] of books.pending()) await take(transaction, refund);
    },
    async stop(): Promise<void> {
      for (const timer of timers) clearTimeout(timer);
      deliveries.stop();
    },
    close: () => books.close(),
  };
}
