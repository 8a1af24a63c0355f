/**
 * Refuses a request with what looks like a card number, wherever it stands, before anything has read, kept or logged it.
 * Webhooks are left alone: theirs are signed bytes, of which gateways mask the card themselves.
 */
import type { FastifyInstance } from 'fastify';
import { cardWithin } from '../../config/card-numbers.ts';
import { refuse } from '../problems.ts';
import { sendRefusal } from './serve.ts';

const DETAIL = 'This looks like a card number. Cards are typed on the payment page only; nothing of it was kept.';

export function refuseCards(app: FastifyInstance): void {
  app.addHook('preValidation', async (request, reply) => {
    const { body, params, query } = request;
    const said = Buffer.isBuffer(body) ? [params, query] : [body, params, query];
    if (said.some((part) => cardWithin(part)))
      return sendRefusal(request, reply, refuse('invalid-request', { detail: DETAIL }));
    return undefined;
  });
}
