/**
 * `GET /api/orders/{id}/events`: one event per status, `id` = the order's version, resumed by Last-Event-ID. The
 * stream ends after a status that nothing follows; a client that comes back then gets 204, which tells EventSource
 * to stay away (WHATWG HTML §9.2.3).
 */
import type { FastifyInstance } from 'fastify';
import type { OrderId } from '../../actors/ids.ts';
import type { OrderStatus, OrderView } from '../../actors/order/order.ts';
import type { Read } from '../../actors/runtime/envelope.ts';
import type { Admission } from '../auth/admission.ts';
import type { GatewayDeps } from '../deps.ts';
import { orderParams, statusEvent, statusEventDocument } from '../documents/orders.ts';
import type { Description } from '../http/endpoint.ts';
import { type EventStream, type EventStreams, HEARTBEAT_MS } from '../http/event-streams.ts';
import { sendRefusal, toFastifyPath } from '../http/serve.ts';
import { refuse } from '../problems.ts';
import { mayRead } from './orders.ts';

export const orderEvents: Description = {
  method: 'GET',
  path: '/api/orders/{id}/events',
  tag: 'Orders',
  summary: 'Follow an order',
  detail:
    'Server-sent events, one `status` event per status reached; `id:` is the order’s version. Resume with ' +
    '`Last-Event-ID`. The stream ends after CANCELLED or RETURNED, and after ten minutes; comments keep it alive.',
  access: 'signed-in',
  limit: 'orders',
  priority: 'order',
  params: orderParams,
  answers: {
    200: {
      description: 'The events so far, then each as it comes',
      schema: statusEvent,
      contentType: 'text/event-stream',
    },
    204: { description: 'Nothing will follow the Last-Event-ID' },
  },
  problems: ['too-many-streams', 'invalid-request'],
};

const FINAL: ReadonlySet<OrderStatus | 'NONE'> = new Set(['CANCELLED', 'RETURNED'] as const);

type Parts = Pick<GatewayDeps, 'actors' | 'log'> & { readonly admission: Admission; readonly streams: EventStreams };

export function serveOrderEvents(app: FastifyInstance, { actors, admission, streams, log }: Parts): void {
  app.get(toFastifyPath(orderEvents.path), {
    exposeHeadRoute: false,
    config: { eventStream: true },
    onRequest: admission.hook(orderEvents.access, orderEvents.limit),
    handler: async (request, reply) => {
      const { principal } = request;
      const params = orderParams.safeParse(request.params);
      if (principal === null || !params.success) return sendRefusal(request, reply, refuse('not-found'));
      const seen = lastEventId(request.headers['last-event-id']);
      if (seen === undefined) {
        const errors = [{ path: 'header.Last-Event-ID', message: 'Must be the id of an event of this stream' }];
        return sendRefusal(request, reply, refuse('invalid-request', { errors }));
      }
      const { id } = params.data;
      const first = await actors.order.read(id);
      if (!mayRead(first.view, principal)) return sendRefusal(request, reply, refuse('not-found'));
      if (isOver(first.view, seen)) return reply.code(204).send();
      const refused = streams.refusal(principal.userId);
      if (refused !== undefined) return sendRefusal(request, reply, refused);

      return streams.run(reply, principal.userId, principal.expiresAt, async (stream) => {
        try {
          await follow(id, first, seen, stream);
        } catch (error) {
          // The client comes back with Last-Event-ID; nothing is lost.
          log.warn({ event: 'event-stream-ended', order: id, error: String(error) });
        }
      });
    },
  });

  async function follow(id: OrderId, first: Read<OrderView>, seen: number, stream: EventStream): Promise<void> {
    let shownUntil = seen;
    let read = first;
    const aborted = new Promise<undefined>((resolve) => {
      stream.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    for (;;) {
      if (read.view.status !== 'NONE') {
        for (const reached of read.view.timeline) {
          if (reached.version <= shownUntil) continue;
          stream.send({ id: reached.version, event: 'status', data: statusEventDocument(id, reached) });
          shownUntil = reached.version;
        }
      }
      if (stream.signal.aborted || FINAL.has(read.view.status)) return;
      const next = await Promise.race([
        actors.order.watch(id, { after: read.version, timeoutMs: HEARTBEAT_MS }),
        aborted,
      ]);
      if (next === undefined) return;
      if (next.version === read.version) stream.beat();
      read = next;
    }
  }
}

const isOver = (view: OrderView, seen: number): boolean =>
  view.status !== 'NONE' && FINAL.has(view.status) && view.timeline.every(({ version }) => version <= seen);

/** 0: from the start; undefined: not one of ours. */
function lastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return 0;
  return typeof header === 'string' && /^[0-9]{1,15}$/.test(header) ? Number(header) : undefined;
}
