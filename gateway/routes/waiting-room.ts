/** The waiting room: a place in the queue, how it stands, and the pass when its turn has come. */
import { openDocument, place, placeDocument, roomParams, roomSettings, roomState } from '../documents/waiting-room.ts';
import { type Answer, answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { type Refusal, refuse } from '../problems.ts';
import { positionOf, waitOf } from '../waiting-room/line.ts';
import type { Room } from '../waiting-room/room.ts';
import type { WaitingRooms } from '../waiting-room/waiting-rooms.ts';

const tag = 'Waiting room';
export const PLACE_HEADER = 'x-waiting-place';

/** Why nobody waits for this any more, or never did. */
export function closedFor(rooms: WaitingRooms, name: string): Refusal | undefined {
  const status = rooms.saleStatus(name);
  if (status === undefined) return refuse('not-found');
  if (status === 'sold-out') return refuse('sold-out', { detail: `Sale ${name}.` });
  return status === 'ended' ? refuse('sale-over', { detail: `Sale ${name}.` }) : undefined;
}

export function waitingRoomRoutes(rooms: WaitingRooms): readonly Endpoint[] {
  const shown = (room: Room, user: string, due: number): Answer => {
    const entered = rooms.shown(room, user, due);
    const again = Math.ceil(rooms.askAgainMs(room, due) / 1_000);
    return answer(
      200,
      placeDocument(room.name, entered),
      entered.status === 'waiting' ? { 'retry-after': String(again) } : {},
    );
  };
  const state = (room: Room): Answer => {
    const { line, name, rate } = room;
    const now = room.now();
    const wait = waitOf(line, line.tail, now);
    return answer(200, {
      room: name,
      ratePerSecond: rate ?? null,
      waiting: rate === undefined ? 0 : positionOf(line, line.tail, now),
      streams: rooms.all().find((open) => open.room === room)?.waiters.size ?? 0,
      waitSeconds: wait === undefined ? null : Math.ceil(wait / 1_000),
      shared: room.isShared,
    });
  };

  return [
    endpoint({
      method: 'POST',
      path: '/api/waiting-room/{room}/places',
      tag,
      summary: 'Take a place in the queue, or come back to it',
      detail:
        'Needed when a request was refused with 503 `waiting-room`; for a sale also before it begins. One customer has ' +
        'one place, however often they ask. `Retry-After` says when to look again without a stream.',
      access: 'signed-in',
      limit: 'cart',
      priority: 'cart',
      idempotency: 'none',
      takes: ['WaitingPlace'],
      params: roomParams,
      answers: {
        200: { description: 'The place; the pass if it is your turn', schema: place, headers: ['Retry-After'] },
      },
      problems: ['sold-out', 'sale-over', 'overloaded'],
      async handle({ params: { room: name }, principal: { userId }, request }) {
        const closed = closedFor(rooms, name);
        if (closed !== undefined) return closed;
        const room = rooms.find(name);
        if (room?.rate === undefined) return answer(200, openDocument(name));
        const due = await room.enter(userId, rooms.placeFrom(name, userId, request.headers[PLACE_HEADER]));
        return due === undefined ? refuse('overloaded') : shown(room, userId, due);
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/waiting-room/{room}/places/me',
      tag,
      summary: 'How your place stands',
      detail: '`Retry-After` says when to look again.',
      access: 'signed-in',
      limit: 'cart',
      priority: 'cart',
      takes: ['WaitingPlace'],
      params: roomParams,
      answers: {
        200: { description: 'The place; the pass if it is your turn', schema: place, headers: ['Retry-After'] },
      },
      problems: ['not-found', 'sold-out', 'sale-over'],
      async handle({ params: { room: name }, principal: { userId }, request }) {
        const closed = closedFor(rooms, name);
        if (closed !== undefined) return closed;
        const room = rooms.find(name);
        if (room?.rate === undefined) return answer(200, openDocument(name));
        const due = await room.find(userId, rooms.placeFrom(name, userId, request.headers[PLACE_HEADER]));
        return due === undefined
          ? refuse('not-found', { detail: 'No place, or its time is over.' })
          : shown(room, userId, due);
      },
    }),

    endpoint({
      method: 'GET',
      path: '/api/waiting-room/{room}',
      tag,
      summary: 'A waiting room as operations see it',
      access: ['ops', 'admin'],
      limit: 'operations',
      priority: 'second',
      params: roomParams,
      answers: { 200: { description: 'The room now', schema: roomState } },
      async handle({ params: { room: name } }) {
        const room = rooms.find(name);
        return room === undefined ? refuse('not-found') : state(room);
      },
    }),

    endpoint({
      method: 'PUT',
      path: '/api/waiting-room/{room}',
      tag,
      summary: 'Let in more, fewer, nobody or everybody',
      detail: 'At once at this gateway, within two seconds at the others. Nobody loses their place.',
      access: ['ops', 'admin'],
      limit: 'operations',
      priority: 'payment',
      params: roomParams,
      body: roomSettings,
      answers: { 200: { description: 'The room now', schema: roomState } },
      async handle({ params: { room: name }, body: { ratePerSecond } }) {
        const room = rooms.find(name);
        if (room === undefined) return refuse('not-found');
        return (await room.tune(ratePerSecond)) ? state(room) : refuse('unavailable', { detail: 'Redis is away.' });
      },
    }),
  ];
}
