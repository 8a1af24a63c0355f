/**
 * Where a customer of the real Razorpay goes to pay, and where Razorpay sends them back. Nothing that the browser
 * brings back is believed: the signed webhook says whether it was paid. (The simulator has pages of its own.)
 */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HOSTED_CHECKOUT_CSP, hostedCheckoutPage } from '../../stores/payments/hosted-checkout.ts';
import type { Admission } from '../auth/admission.ts';
import type { GatewaySettings } from '../deps.ts';
import type { Description } from '../http/endpoint.ts';
import { sendRefusal, toFastifyPath } from '../http/serve.ts';
import { refuse } from '../problems.ts';

const params = z.object({ gatewayOrderId: z.string().regex(/^order_[A-Za-z0-9]{1,40}$/) });
const page = { contentType: 'text/html', schema: z.string() };
const common = { tag: 'Payments', access: 'public', limit: 'payment', priority: 'payment', params } as const;

export const payPage: Description = {
  ...common,
  method: 'GET',
  path: '/pay/{gatewayOrderId}',
  summary: 'Go and pay',
  answers: { 200: { ...page, description: 'A page that leads to the payment gateway' } },
};
const back = { ...common, path: '/pay/{gatewayOrderId}/done' } as const;
const backAnswers = { 200: { ...page, description: 'A page that says to look at the order' } };
export const payRoutes: readonly Description[] = [
  payPage,
  { ...back, method: 'GET', summary: 'Back without having paid', answers: backAnswers },
  {
    ...back,
    method: 'POST',
    summary: 'Back after paying',
    detail: 'What is posted is not looked at: the webhook tells.',
    idempotency: 'none',
    answers: backAnswers,
    problems: ['body-too-large'],
  },
];

export const HTML = 'text/html; charset=utf-8';
export const DONE_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Haat</title></head>
<body><p>Thank you. Your order shows whether the payment has come through; you can close this page.</p></body></html>
`;

export function servePayPages(
  root: FastifyInstance,
  hosted: NonNullable<GatewaySettings['hostedCheckout']>,
  admission: Admission,
): void {
  root.register(async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 16 * 1_024 }, (_request, _body, done) => done(null));
    app.addHook('onRequest', admission.hook('public', 'payment'));

    app.get(toFastifyPath(payPage.path), (request, reply) => {
      const read = params.safeParse(request.params);
      if (!read.success) return sendRefusal(request, reply, refuse('not-found'));
      const { gatewayOrderId } = read.data;
      const returnUrl = `${hosted.gatewayUrl}/pay/${gatewayOrderId}/done`;
      return reply
        .headers({ 'content-type': HTML, 'content-security-policy': HOSTED_CHECKOUT_CSP })
        .send(hostedCheckoutPage({ keyId: hosted.keyId, gatewayOrderId, returnUrl }));
    });
    app.route({
      method: ['GET', 'POST'],
      url: toFastifyPath(back.path),
      handler: (request, reply) =>
        params.safeParse(request.params).success
          ? reply.header('content-type', HTML).send(DONE_PAGE)
          : sendRefusal(request, reply, refuse('not-found')),
    });
  });
}
