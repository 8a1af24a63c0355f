/**
 * `GET /api/sales/{id}/events`: a sale as it goes, for everybody who watches it: its status and what is left. Every event
 * is the whole truth, so that nobody needs to have seen the one before.
 */
import type { FastifyInstance } from 'fastify';
import type { Admission } from '../auth/admission.ts';
import { saleEvent, saleParams } from '../documents/sales.ts';
import type { Description } from '../http/endpoint.ts';
import { type EventStreams, HEARTBEAT_MS } from '../http/event-streams.ts';
import { sendRefusal, toFastifyPath } from '../http/serve.ts';
import { refuse } from '../problems.ts';
import type { Bulletins } from '../sales/bulletins.ts';
import type { LiveSales } from '../sales/live-sales.ts';

export const saleEvents: Description = {
  method: 'GET',
  path: '/api/sales/{id}/events',
  tag: 'Sales',
  summary: 'Follow a flash sale',
  detail:
    'Server-sent events `sale`: at once what is so now, then each change of status as it happens and what is left once a ' +
    'second at most; `id:` is the sale’s version. The stream ends when the sale has.',
  access: 'optional',
  limit: 'catalogue',
  priority: 'find',
  params: saleParams,
  answers: {
    200: { description: 'What is so, then each change', schema: saleEvent, contentType: 'text/event-stream' },
    204: { description: 'It is over' },
  },
  problems: ['too-many-streams'],
};

const MAX_LIFE_MS = 10 * 60_000;

type Parts = {
  readonly sales: LiveSales;
  readonly bulletins: Bulletins;
  readonly admission: Admission;
  readonly streams: EventStreams;
};

export function serveSaleEvents(app: FastifyInstance, { sales, bulletins, admission, streams }: Parts): void {
  app.get(toFastifyPath(saleEvents.path), {
    exposeHeadRoute: false,
    config: { eventStream: true },
    onRequest: admission.hook(saleEvents.access, saleEvents.limit),
    handler: async (request, reply) => {
      const params = saleParams.safeParse(request.params);
      const known = params.success ? sales.find(params.data.id) : undefined;
      if (known === undefined) return sendRefusal(request, reply, refuse('not-found'));
      const { id } = known;
      const isOver = (): boolean => {
        const status = sales.statusOf(id);
        return status === undefined || status === 'ended';
      };
      if (isOver()) return reply.code(204).send();
      const watcher = request.principal?.userId ?? `address ${request.ip}`;
      const refused = streams.refusal(watcher);
      if (refused !== undefined) return sendRefusal(request, reply, refused);
      const until = request.principal?.expiresAt ?? Date.now() + MAX_LIFE_MS;

      return streams.run(reply, watcher, until, async (stream) => {
        const beat = setInterval(() => stream.beat(), HEARTBEAT_MS);
        let stop = (): void => {};
        await new Promise<void>((resolve) => {
          stream.signal.addEventListener('abort', () => resolve(), { once: true });
          stop = bulletins.watch(id, (bulletin, version) => {
            stream.send({ id: version, event: 'sale', data: bulletin });
            if (isOver()) resolve();
          });
        });
        stop();
        clearInterval(beat);
      });
    },
  });
}
