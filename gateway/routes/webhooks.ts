/**
 * `POST /api/payments/webhooks/{gateway}`: what a payment gateway says happened. The signature is over the bytes as
 * they came, so this route has a parser of its own. Repeats and disorder are the payment actor's business. Anything
 * that cannot be recorded now is answered 503, and the gateway sends it again.
 */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { recordNotice } from '../../actors/checkout/payments/notices.ts';
import { GatewayError, type GatewayNotice, type PaymentGateway } from '../../actors/checkout/ports.ts';
import type { Admission } from '../auth/admission.ts';
import type { GatewayDeps } from '../deps.ts';
import type { Fraud } from '../fraud/fraud.ts';
import type { Description } from '../http/endpoint.ts';
import { sendRefusal, toFastifyPath } from '../http/serve.ts';
import { type Refusal, refuse } from '../problems.ts';

const received = z.object({ received: z.literal(true) }).meta({ id: 'WebhookReceived' });

export const webhooks: Description = {
  method: 'POST',
  path: '/api/payments/webhooks/{gateway}',
  tag: 'Payments',
  summary: 'Notices of payment gateways',
  detail:
    'In each gateway’s own format, signed over the raw body (Razorpay: `X-Razorpay-Signature`). Repeats are harmless.',
  access: 'public',
  limit: 'none',
  priority: 'payment',
  idempotency: 'none',
  params: z.object({ gateway: z.string().describe('`razorpay`, …') }),
  answers: { 200: { description: 'Recorded, or nothing to record', schema: received } },
  problems: ['bad-signature', 'unknown-payment-gateway', 'malformed-json', 'body-too-large'],
};

/** Razorpay's notices have 2 to 6 KB. */
const MAX_BYTES = 256 * 1_024;

type Parts = Pick<GatewayDeps, 'actors' | 'gateways' | 'log'> &
  Pick<Admission, 'forged'> & { readonly fraud: Pick<Fraud, 'beforePayment'> };

export function serveWebhooks(root: FastifyInstance, { actors, gateways, log, forged, fraud }: Parts): void {
  const byName = new Map(gateways.map((gateway) => [gateway.name, gateway]));

  root.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post<{ Params: { gateway: string } }>(toFastifyPath(webhooks.path), {
      bodyLimit: MAX_BYTES,
      handler: async (request, reply) => {
        const gateway = byName.get(request.params.gateway);
        if (gateway === undefined) return sendRefusal(request, reply, refuse('unknown-payment-gateway'));
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const notice = await read(gateway, body, request.headers);
        if ('problem' in notice) {
          if (notice.problem === 'bad-signature') forged(request);
          log.warn({ event: 'webhook-refused', gateway: gateway.name, problem: notice.problem, address: request.ip });
          return sendRefusal(request, reply, notice);
        }
        const refusal = await record(notice, gateway.name, request.traceparent);
        if (refusal !== undefined) return sendRefusal(request, reply, refusal);
        return reply.header('content-type', 'application/json; charset=utf-8').send('{"received":true}');
      },
    });
  });

  async function read(
    gateway: PaymentGateway,
    body: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): Promise<GatewayNotice | Refusal> {
    try {
      return (await gateway.readWebhook(body, headers)) ?? refuse('bad-signature');
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'invalid-answer') return refuse('malformed-json');
      throw error;
    }
  }

  /** What tells of cards being tried. That it cannot be read is no reason to be told again. */
  async function remember(notice: GatewayNotice): Promise<void> {
    const card = notice.type === 'captured' ? notice.card : undefined;
    if (notice.type !== 'failed' && card === undefined) return;
    if (notice.type !== 'failed' && notice.type !== 'captured') return;
    const read = await actors.payment.read(notice.paymentId).catch(() => undefined);
    if (read === undefined || read.view.status === 'none') return;
    const { userId } = read.view;
    if (notice.type === 'failed') fraud.beforePayment.paymentFailed(userId, notice.gatewayPaymentId);
    if (card !== undefined) fraud.beforePayment.cardUsed(card, userId);
  }

  async function record(notice: GatewayNotice, gateway: string, trace: string): Promise<Refusal | undefined> {
    const outcome = await recordNotice(actors, notice, gateway, { trace });
    if (outcome?.ok === true) await remember(notice);
    if (outcome === undefined || outcome.ok || notice.type === 'ignored') return undefined;
    // It may have overtaken the command that opens the payment: the gateway's next try finds it.
    const { type: what, paymentId: payment } = notice;
    log.warn({ event: 'webhook-ahead', notice: what, payment, rejection: outcome.rejection.type });
    return refuse('unavailable', { detail: 'The payment is not known yet.', headers: { 'retry-after': '5' } });
  }
}
