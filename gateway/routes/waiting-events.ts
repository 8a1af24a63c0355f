/**
 * `GET /api/waiting-room/{room}/events`: where a place stands, until its turn has come or there is nothing left to wait
 * for. A stream costs this gateway a socket and its share of one timer; nothing behind the gateway hears of it.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Admission } from '../auth/admission.ts';
import { roomParams, waitingEvent } from '../documents/waiting-room.ts';
import type { Description } from '../http/endpoint.ts';
import { sendRefusal, toFastifyPath } from '../http/serve.ts';
import { refuse } from '../problems.ts';
import { positionOf } from '../waiting-room/line.ts';
import type { WaitingRooms } from '../waiting-room/waiting-rooms.ts';
import { closedFor, PLACE_HEADER } from './waiting-room.ts';

export const waitingEvents: Description = {
  method: 'GET',
  path: '/api/waiting-room/{room}/events',
  tag: 'Waiting room',
  summary: 'Wait',
  detail:
    'Server-sent events: `position` at once and then every second to every ten seconds, by how far away it is; at the end ' +
    '`admitted` with the pass, `sold-out`, or `closed`. A stream that ends without one of these is to be opened again: the ' +
    'place is kept. Take a place first.',
  access: 'signed-in',
  limit: 'cart',
  priority: 'cart',
  takes: ['WaitingPlace'],
  params: roomParams,
  answers: {
    200: { description: 'Until the turn has come', schema: waitingEvent, contentType: 'text/event-stream' },
    204: { description: 'The Last-Event-ID was the last' },
  },
  problems: ['not-found', 'sold-out', 'sale-over', 'too-many-streams'],
};

const LAST: ReadonlySet<unknown> = new Set(['admitted', 'sold-out', 'closed']);
/** A phone, a computer and what they left behind. */
const PER_USER = 3;
const MAX_LIFE_MS = 10 * 60_000;

type Parts = {
  readonly rooms: WaitingRooms;
  readonly admission: Admission;
  /** Streams at this gateway: as many as there is memory for. */
  readonly most: number;
  readonly onChange: (change: 1 | -1) => void;
};

export function serveWaitingEvents(app: FastifyInstance, { rooms, admission, most, onChange }: Parts): void {
  const open = new Map<string, number>();
  let count = 0;

  app.get(toFastifyPath(waitingEvents.path), {
    exposeHeadRoute: false,
    config: { eventStream: true },
    onRequest: admission.hook(waitingEvents.access, waitingEvents.limit),
    handler: async (request, reply) => {
      const { principal } = request;
      const params = roomParams.safeParse(request.params);
      if (principal === null || !params.success) return sendRefusal(request, reply, refuse('not-found'));
      // What EventSource sends when it comes back by itself after the last event.
      if (LAST.has(request.headers['last-event-id'])) return reply.code(204).send();
      const name = params.data.room;
      const user = principal.userId;
      const closed = closedFor(rooms, name);
      if (closed !== undefined) return sendRefusal(request, reply, closed);
      const room = rooms.find(name);
      const due = await room?.find(user, rooms.placeFrom(name, user, request.headers[PLACE_HEADER]));
      if (room === undefined || due === undefined) {
        return sendRefusal(request, reply, refuse('not-found', { detail: 'No place, or its time is over.' }));
      }
      const others = open.get(user) ?? 0;
      if (others >= PER_USER) {
        const headers = { 'retry-after': '5' };
        return sendRefusal(request, reply, refuse('too-many-streams', { detail: `At most ${PER_USER}.`, headers }));
      }
      if (count >= most) return sendRefusal(request, reply, refuse('overloaded'));

      const raw = begin(reply);
      count += 1;
      open.set(user, others + 1);
      onChange(1);
      raw.once('close', () => {
        count -= 1;
        const left = (open.get(user) ?? 1) - 1;
        if (left === 0) open.delete(user);
        else open.set(user, left);
        onChange(-1);
        rooms.leave(name, raw);
      });
      const now = room.now();
      if (positionOf(room.line, due, now) === 0) raw.end(rooms.admittedBytes(room, user, due));
      else rooms.follow(name, { user, due, until: Math.min(principal.expiresAt, now + MAX_LIFE_MS), raw });
      return reply;
    },
  });
}

/** Ends with its connection rather than in chunks: every event is one write of bytes that others are sent as well. */
function begin(reply: FastifyReply): FastifyReply['raw'] {
  const { raw } = reply;
  reply.hijack();
  raw.on('error', () => raw.destroy());
  raw.useChunkedEncodingByDefault = false;
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    connection: 'close',
  });
  // How long a client waits before it comes back, with jitter so that not all come at once.
  raw.write(`retry: ${1_000 + Math.floor(Math.random() * 4_000)}\n\n`);
  return raw;
}
