import { jetstreamManager } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import type { OrderId } from '../../actors/ids.ts';
import { eventually, freshNats } from '../../brokers/launcher/test-servers.ts';
import { reconcileStreams } from '../../config/nats/reconcile.ts';
import { subjects } from '../../config/subjects.ts';
import { connectNats } from '../nats/connection.ts';
import { createJetStreamEventLog } from '../nats/jetstream-event-log.ts';
import { createPublisher } from '../nats/publisher.ts';
import { createIdempotencyStore } from './idempotency.ts';
import { createReservations } from './reservations.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };

async function buckets() {
  const server = await freshNats();
  const nc = await connectNats(server.url, { name: 'kv-test', log });
  await reconcileStreams(nc, { replicas: 1, log });
  const publisher = createPublisher(nc);
  const eventLog = createJetStreamEventLog(nc);
  return {
    server,
    nc,
    eventLog,
    reservations: createReservations(publisher),
    async [Symbol.asyncDispose]() {
      publisher.close();
      await eventLog.close();
      await nc.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const order = (name: string): OrderId => `ord_${name}` as OrderId;

test('a reservation is claimed once, and again only after it was cleared for a while', async () => {
  await using kv = await buckets();
  const claims = await Promise.all(Array.from({ length: 8 }, () => kv.reservations.claim(order('a'), 60_000)));
  expect(claims.filter(Boolean)).toHaveLength(1);
  await kv.reservations.clear(order('a'));
  await kv.reservations.clear(order('never-claimed'));
  expect(await kv.reservations.claim(order('a'), 60_000)).toBe(false);
});

test('out of time: a MaxAge marker stays; cleared: none is left', { timeout: 30_000 }, async () => {
  await using kv = await buckets();
  const jsm = await jetstreamManager(kv.nc);
  await kv.reservations.claim(order('late'), 1_000);
  await kv.reservations.claim(order('paid'), 1_000);
  await kv.reservations.clear(order('paid'));
  const last = (name: string) => kv.eventLog.last('KV_reservations', subjects.kv('reservations', order(name)));
  const marker = await eventually(
    async () => {
      const message = await last('late');
      return message?.header('Nats-Marker-Reason') === undefined ? undefined : message;
    },
    { withinMs: 10_000 },
  );
  expect(marker.header('Nats-Marker-Reason')).toBe('MaxAge');
  await eventually(async () => (await last('paid')) === undefined, { withinMs: 15_000 });
  const { state } = await jsm.streams.info('KV_reservations');
  expect(state.messages).toBe(1);
});

test('what ran out of time, or was claimed, is kept for another while', { timeout: 30_000 }, async () => {
  await using kv = await buckets();
  const last = (name: string) => kv.eventLog.last('KV_reservations', subjects.kv('reservations', order(name)));
  const outOfTime = (name: string, after = 0) =>
    eventually(
      async () => {
        const message = await last(name);
        return message?.header('Nats-Marker-Reason') === 'MaxAge' && message.sequence > after ? message : undefined;
      },
      { withinMs: 15_000 },
    );
  await kv.reservations.claim(order('woken'), 1_000);
  await kv.reservations.claim(order('put-off'), 1_000);
  await kv.reservations.keep(order('put-off'), 3_600_000);
  const first = await outOfTime('woken');
  // A claim is refused where a marker stands; keeping is not.
  expect(await kv.reservations.claim(order('woken'), 1_000)).toBe(false);
  await kv.reservations.keep(order('woken'), 1_000);
  await outOfTime('woken', first.sequence);
  expect((await last('put-off'))?.header('Nats-Marker-Reason')).toBeUndefined();
  await kv.reservations.clear(order('put-off'));
});

test('of concurrent duplicates exactly one goes on; the others wait and then get its answer', async () => {
  await using kv = await buckets();
  const store = createIdempotencyStore({ log: kv.eventLog, clock: Date.now });
  const claims = await Promise.all(Array.from({ length: 20 }, () => store.claim('u1:POST /orders', 'k 1.*', 'same')));
  const winners = claims.filter((claim) => claim.state === 'claimed');
  expect(winners).toHaveLength(1);
  expect(claims.filter((claim) => claim.state === 'running')).toHaveLength(19);
  const answer = { status: 201, body: '{"id":1}', headers: { location: '/x' } };
  await winners[0]?.complete(answer);
  expect(await store.claim('u1:POST /orders', 'k 1.*', 'same')).toEqual({ state: 'done', answer });
  expect(await store.claim('u1:POST /orders', 'k 1.*', 'other')).toEqual({ state: 'other-payload' });
  expect(await store.claim('u2:POST /orders', 'k 1.*', 'other')).toMatchObject({ state: 'claimed' });
});

test('a dead run is taken over once, with its seed and time, and can then not complete', async () => {
  await using kv = await buckets();
  let now = Date.now();
  const store = createIdempotencyStore({ log: kv.eventLog, clock: () => now, leaseMs: 30_000 });
  const dead = await store.claim('u1', 'k', 'f');
  if (dead.state !== 'claimed') throw new Error('a new key is free');
  expect(await store.claim('u1', 'k', 'f')).toEqual({ state: 'running' });
  now += 31_000;
  // The lease that a taker gets is counted by the server's clock, which has not moved on: all but one lose the race.
  const takers = await Promise.all(Array.from({ length: 5 }, () => store.claim('u1', 'k', 'f')));
  const taken = takers.find((claim) => claim.state === 'claimed');
  expect(taken).toMatchObject({ seed: dead.seed, at: dead.at });
  if (taken?.state !== 'claimed') throw new Error('nobody took over');
  await dead.complete({ status: 500, body: 'late', headers: {} });
  now = Date.now();
  expect(await store.claim('u1', 'k', 'f')).toEqual({ state: 'running' });
});

test('what was abandoned may run again at once, with the same seed', async () => {
  await using kv = await buckets();
  const store = createIdempotencyStore({ log: kv.eventLog, clock: Date.now });
  const first = await store.claim('u1', 'k', 'f');
  if (first.state !== 'claimed') throw new Error('a new key is free');
  await first.abandon();
  expect(await store.claim('u1', 'k', 'f')).toMatchObject({ state: 'claimed', seed: first.seed, at: first.at });
  expect(await store.claim('u1', 'k', 'f')).toEqual({ state: 'running' });
});
