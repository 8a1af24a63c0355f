/**
 * The claims on checkouts, bucket `reservations`: key = order id, gone after its own time. What runs out of time leaves
 * a MaxAge marker, which wakes the order (reactor `reservation-expiry`); what is cleared leaves none.
 *
 * By raw publish: the library's `create` costs twice the CPU, and its `put` and `update` drop the TTL (MEASURED).
 */
import type { Reservations } from '../../actors/checkout/ports.ts';
import { subjects } from '../../config/subjects.ts';
import { encodeHeaders } from '../nats/headers.ts';
import type { JetStreamPublisher } from '../nats/publisher.ts';
import { KvUnavailable } from './unavailable.ts';

const BUCKET = 'reservations';
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10_071, 10_164]);
/** The server's own grain, and the least that it takes. */
const SECOND = 1_000;
/** A purge that expires leaves no marker; until then the key cannot be claimed again by a straggler. */
const PURGE = encodeHeaders({ 'KV-Operation': 'PURGE', 'Nats-Rollup': 'sub', 'Nats-TTL': '2s' });

export function createReservations(publisher: Pick<JetStreamPublisher, 'publish'>): Reservations {
  return {
    async claim(orderId, ttlMs) {
      const ttl = Math.max(1, Math.ceil(ttlMs / SECOND));
      const result = await publisher.publish(subjects.kv(BUCKET, orderId), '', {
        'Nats-Expected-Last-Subject-Sequence': '0',
        'Nats-TTL': `${ttl}s`,
      });
      if (result.outcome === 'stored') return true;
      if (result.outcome === 'refused' && WRONG_LAST_SEQUENCE.has(result.code)) return false;
      throw new KvUnavailable(`claim of ${orderId}`, result);
    },
    async keep(orderId, ttlMs) {
      const ttl = Math.max(1, Math.ceil(ttlMs / SECOND));
      const result = await publisher.publish(subjects.kv(BUCKET, orderId), '', { 'Nats-TTL': `${ttl}s` });
      if (result.outcome !== 'stored') throw new KvUnavailable(`keeping ${orderId}`, result);
    },
    async clear(orderId) {
      const result = await publisher.publish(subjects.kv(BUCKET, orderId), '', PURGE);
      if (result.outcome !== 'stored') throw new KvUnavailable(`clearing ${orderId}`, result);
    },
  };
}
