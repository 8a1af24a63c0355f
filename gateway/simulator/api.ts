/** Razorpay's API, as much of it as a shop needs: https://razorpay.com/docs/api/orders, /payments, /refunds */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Books, Refused } from './books.ts';
import { orderEntity, paymentEntity, refundEntity } from './entities.ts';
import type { RefundDesk } from './refund-desk.ts';
import type { SimulatorSettings } from './settings.ts';
import { loseAnswers, misbehave } from './trouble.ts';

const note = z.union([z.string(), z.number()]).transform(String).pipe(z.string().max(256));
const notes = z
  .union([
    z.record(z.string(), note).refine((pairs) => Object.keys(pairs).length <= 15, 'The notes may have 15 pairs'),
    z.array(z.never()).transform((): Record<string, string> => ({})),
  ])
  .nullish()
  .transform((given) => given ?? {});
const receipt = z
  .string()
  .max(40, 'The receipt may not be greater than 40 characters.')
  .nullish()
  .transform((given) => given ?? null);

const orderInput = z.strictObject({
  amount: z.coerce
    .number()
    .int('The amount must be an integer.')
    .min(100, 'Order amount less than minimum amount allowed'),
  currency: z.literal('INR', 'Currency is not supported'),
  receipt,
  notes,
  partial_payment: z.literal(false).optional(),
  // Everything is captured at once here.
  payment: z.strictObject({ capture: z.literal('automatic'), capture_options: z.unknown() }).optional(),
});

const refundInput = z.strictObject({
  amount: z.coerce.number().int('The amount must be an integer.').positive().optional(),
  speed: z.enum(['normal', 'optimum']).optional(),
  notes,
  receipt,
});
const refundKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{10,}$/, 'The idempotency key is not valid')
  .nullish()
  .transform((given) => given ?? null);

type Parts = {
  readonly books: Books;
  readonly desk: RefundDesk;
  readonly settings: SimulatorSettings;
  readonly keyId: string;
  readonly keySecret: string;
};
type ById = { Params: { id: string } };

export async function serveApi(app: FastifyInstance, parts: Parts): Promise<void> {
  const { books, desk, settings, keyId, keySecret } = parts;
  const { api } = settings;
  const expected = Buffer.from(`Basic ${Buffer.from(`${keyId}:${keySecret}`).toString('base64')}`);

  app.addHook('onRequest', async (request) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Refused(401, 'Authentication failed');
    await misbehave(api);
  });
  loseAnswers(app, api, ({ method }) => method === 'POST');

  app.post('/orders', async ({ body }) => orderEntity(await books.createOrder(orderInput.parse(body))));
  app.get<{ Querystring: { receipt?: string } }>('/orders', async ({ query }) =>
    collection(
      (query.receipt === undefined ? books.latest(10) : books.ordersWithReceipt(query.receipt)).map(orderEntity),
    ),
  );
  app.get<ById>('/orders/:id', async ({ params }) => orderEntity(books.order(params.id)));
  app.get<ById>('/orders/:id/payments', async ({ params }) =>
    collection(books.order(params.id).payments.map((payment) => paymentEntity(payment))),
  );
  app.get<ById>('/payments/:id', async ({ params }) => paymentEntity(books.payment(params.id)));
  app.get<ById>('/payments/:id/refunds', async ({ params }) =>
    collection(books.payment(params.id).refunds.map((refund) => refundEntity(refund))),
  );
  app.get<ById>('/refunds/:id', async ({ params }) => refundEntity(books.refundById(params.id)));
  app.post<ById>('/payments/:id/refund', async ({ params, body, headers }) => {
    const key = refundKey.parse(headers['x-refund-idempotency']);
    const { speed, ...input } = refundInput.parse(body ?? {});
    const refund = await books.refund(params.id, { ...input, key });
    if (refund.status === 'pending') await desk.take(refund);
    return refundEntity(refund);
  });
}

const collection = <T>(items: readonly T[]) => ({ entity: 'collection', count: items.length, items });

/** https://razorpay.com/docs/errors */
export function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const { status, description, field } = readError(error);
  return reply.code(status).send({
    error: {
      code: status >= 500 ? 'SERVER_ERROR' : 'BAD_REQUEST_ERROR',
      description,
      source: 'business',
      step: 'payment_initiation',
      reason: 'input_validation_failed',
      metadata: {},
      ...(field === undefined ? {} : { field }),
    },
  });
}

function readError(error: unknown): { status: number; description: string; field?: string | undefined } {
  if (error instanceof Refused) return { status: error.status, description: error.message, field: error.field };
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    if (issue?.code === 'unrecognized_keys')
      return { status: 400, description: `${issue.keys.join(', ')} is/are not required and should not be sent` };
    return { status: 400, description: issue?.message ?? 'Bad request', field: issue?.path.join('.') };
  }
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')
    return { status: error.statusCode, description: error.message };
  return { status: 500, description: 'The server encountered an error. The incident has been reported to admins.' };
}
