/** What the rooms tell Prometheus: read when asked for, nothing is counted twice. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { clockAt, positionOf } from './line.ts';
import type { WaitingRooms } from './waiting-rooms.ts';

export function watchRooms(rooms: WaitingRooms, registry: Registry): void {
  const gauge = (name: string, help: string, read: (room: ReturnType<WaitingRooms['all']>[number]) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['room'],
      registers: [registry],
      collect() {
        this.reset();
        for (const open of rooms.all()) this.set({ room: open.room.name }, read(open));
      },
    });
  };
  gauge('haat_waiting_room_waiting', 'Places given out whose turn has not come, at all gateways.', ({ room }) =>
    positionOf(room.line, room.line.tail, room.now()),
  );
  gauge('haat_waiting_room_streams', 'Who waits with an open stream, at this gateway.', ({ waiters }) => waiters.size);
  gauge(
    'haat_waiting_room_rate',
    'Admissions a second of the cluster; 0: none, or the room is off.',
    ({ room }) => room.rate ?? 0,
  );
  gauge('haat_waiting_room_lag_seconds', 'How long who comes now waits, in time of the line.', ({ room }) =>
    Math.max(0, (room.line.tail - clockAt(room.line, room.now())) / 1_000),
  );
  gauge('haat_waiting_room_alone', '1: Redis is away, and this gateway goes on by itself.', ({ room }) =>
    room.isShared ? 0 : 1,
  );
  const counter = (
    name: string,
    help: string,
    read: (room: ReturnType<WaitingRooms['all']>[number]) => number,
  ): void => {
    new Counter({
      name,
      help,
      labelNames: ['room'],
      registers: [registry],
      collect() {
        this.reset();
        for (const open of rooms.all()) this.inc({ room: open.room.name }, read(open));
      },
    });
  };
  counter('haat_waiting_room_admitted_total', 'Who was let in by this gateway.', ({ room }) => room.admitted);
  counter(
    'haat_waiting_room_dropped_total',
    'Streams ended because nobody read them.',
    ({ waiters }) => waiters.dropped,
  );
}
