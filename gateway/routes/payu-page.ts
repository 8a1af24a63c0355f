/**
 * Where a customer of PayU goes to pay, and where PayU sends them back. What the browser brings back is PayU's own signed
 * message: it is read like a webhook, which may come later or never, and the customer is sent on to a page that may be loaded
 * again.
 */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { recordNotice } from '../../actors/checkout/payments/notices.ts';
import { GatewayError, type PaymentGateway } from '../../actors/checkout/ports.ts';
import type { PaymentId } from '../../actors/ids.ts';
import type { PayuCheckout } from '../../stores/payments/payu/checkout.ts';
import type { Admission } from '../auth/admission.ts';
import type { GatewayDeps } from '../deps.ts';
import type { Description } from '../http/endpoint.ts';
import { sendRefusal } from '../http/serve.ts';
import { refuse } from '../problems.ts';
import { DONE_PAGE, HTML } from './pay.ts';

const offer = z.strictObject({
  txnid: z.string().regex(/^[0-9A-Za-z]{22}$/),
  amount: z.string().regex(/^\d{1,10}\.\d{2}$/),
  hash: z.string().regex(/^[0-9a-f]{128}$/),
});
const page = { contentType: 'text/html', schema: z.string() };
const common = { tag: 'Payments', access: 'public', limit: 'payment', priority: 'payment' } as const;
const DONE = '/pay/payu/done';

const payuPage: Description = {
  ...common,
  method: 'GET',
  path: '/pay/payu',
  summary: 'Go and pay at PayU',
  query: offer,
  answers: { 200: { ...page, description: 'A page that leads to PayU' } },
  problems: ['not-found', 'order-ended'],
};
export const payuRoutes: readonly Description[] = [
  payuPage,
  {
    ...common,
    method: 'POST',
    path: DONE,
    summary: 'Back from PayU',
    detail: 'With PayU’s signed fields. What they say is recorded if it is true, and otherwise looks the same.',
    idempotency: 'none',
    answers: { 303: { description: 'To the page below' } },
    problems: ['body-too-large'],
  },
  {
    ...common,
    method: 'GET',
    path: DONE,
    summary: 'Back, by whatever way',
    answers: { 200: { ...page, description: 'A page that says to look at the order' } },
  },
];

type Parts = Pick<GatewayDeps, 'actors' | 'gateways' | 'log'> & {
  readonly payu: PayuCheckout;
  readonly admission: Admission;
};

export function servePayuPage(root: FastifyInstance, { actors, gateways, log, payu, admission }: Parts): void {
  const gateway = gateways.find(({ name }) => name === 'payu');

  root.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 16 * 1_024 }, (_request, body, done) =>
      done(null, body),
    );
    app.addHook('onRequest', admission.hook('public', 'payment'));

    app.get(payuPage.path, async (request, reply) => {
      const read = offer.safeParse(request.query);
      const paymentId = read.success ? payu.paymentOf(read.data) : undefined;
      if (!read.success || paymentId === undefined) return sendRefusal(request, reply, refuse('not-found'));
      const order = await orderOf(paymentId);
      if (order === undefined) return sendRefusal(request, reply, refuse('not-found'));
      const { name, phone } = order.shippingAddress;
      const rendered = payu.render(read.data, { name, phone: phone.replace(/^\+91/, '') });
      if (rendered === undefined) return sendRefusal(request, reply, refuse('not-found'));
      // Nobody is led to a bank for what cannot be bought any more.
      if (order.status !== 'PAYMENT_PENDING' && order.status !== 'PAYMENT_FAILED')
        return sendRefusal(request, reply, refuse('order-ended', { detail: `The order is ${order.status}.` }));
      return reply
        .headers({ 'content-type': HTML, 'content-security-policy': payu.policy, 'cache-control': 'no-store' })
        .send(rendered);
    });
    app.post(DONE, async (request, reply) => {
      if (gateway !== undefined && Buffer.isBuffer(request.body)) {
        const known = await take(gateway, request.body, request.headers, request.traceparent);
        if (!known) admission.forged(request);
      }
      return reply.redirect(DONE, 303);
    });
    app.get(DONE, (_request, reply) => reply.header('content-type', HTML).send(DONE_PAGE));
  });

  async function orderOf(paymentId: PaymentId) {
    const { view: payment } = await actors.payment.read(paymentId);
    if (payment.status === 'none') return undefined;
    const { view: order } = await actors.order.read(payment.orderId);
    return order.status === 'NONE' ? undefined : order;
  }

  /** False: PayU has not said that. What cannot be recorded now comes again, by the webhook. */
  async function take(
    from: PaymentGateway,
    body: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    trace: string,
  ): Promise<boolean> {
    try {
      const notice = await from.readWebhook(body, headers);
      if (notice === undefined) return false;
      await recordNotice(actors, notice, from.name, { trace });
    } catch (error) {
      const expected = error instanceof GatewayError || (error instanceof Error && 'retryable' in error);
      if (!expected) throw error;
      log.warn({ event: 'return-not-recorded', gateway: from.name, err: error });
    }
    return true;
  }
}
