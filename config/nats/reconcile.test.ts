import { jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { eventually, freshNats } from '../../brokers/launcher/test-servers.ts';
import { createPublisher } from '../../stores/nats/publisher.ts';
import { CONSUMERS, STREAMS } from '../streams.ts';
import { reconcileStreams, StreamsUnfit } from './reconcile.ts';

async function natsWithJetStream() {
  const server = await freshNats();
  const nc = await connect({ servers: server.url });
  const events: { event: string; changed?: string[] }[] = [];
  const log = { info: (event: { event: string; changed?: string[] }) => void events.push(event) };
  return {
    nc,
    events,
    jsm: await jetstreamManager(nc),
    reconcile: (options: Partial<Parameters<typeof reconcileStreams>[1]> = {}) =>
      reconcileStreams(nc, { replicas: 1, log, ...options }),
    async [Symbol.asyncDispose]() {
      await nc.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('an empty server gets everything, by several nodes at once; a second boot changes nothing', async () => {
  await using nats = await natsWithJetStream();
  await Promise.all([nats.reconcile(), nats.reconcile(), nats.reconcile()]);
  for (const { name } of STREAMS) expect((await nats.jsm.streams.info(name)).config.num_replicas).toBe(1);
  for (const { stream, durable_name } of CONSUMERS)
    expect((await nats.jsm.consumers.info(stream, durable_name)).config.ack_policy).toBe('explicit');
  nats.events.length = 0;
  await nats.reconcile();
  expect(nats.events).toEqual([]);
});

test('what differs is updated, what cannot be changed is an error that names it', async () => {
  await using nats = await natsWithJetStream();
  await nats.jsm.streams.add({ name: 'CATALOGUE', subjects: ['product.*'], storage: StorageType.File });
  await nats.reconcile();
  expect(nats.events).toContainEqual({
    event: 'stream-updated',
    stream: 'CATALOGUE',
    changed: expect.arrayContaining(['subjects', 'max_msgs_per_subject']),
  });
  const wanted = [{ name: 'CATALOGUE', subjects: ['product.*'], retention: RetentionPolicy.Workqueue }];
  await expect(nats.reconcile({ streams: wanted })).rejects.toThrow(StreamsUnfit);
  await expect(nats.reconcile({ streams: wanted })).rejects.toThrow(/CATALOGUE exists with retention=limits/);
});

test('subjects that another stream has are an error that names the stream', async () => {
  await using nats = await natsWithJetStream();
  await nats.jsm.streams.add({ name: 'FOREIGN', subjects: ['order.>'] });
  await expect(nats.reconcile()).rejects.toThrow(/Stream ORDER cannot be brought .*overlap/);
});

test('the server keeps timers as declared: due once, at the last time that was set', async () => {
  await using nats = await natsWithJetStream();
  await nats.reconcile();
  const publisher = createPublisher(nats.nc);
  const schedule = (id: string, inMs: number) =>
    publisher.publish(`timer.cart.1.${id}.abandoned`, '', {
      'Nats-Schedule': `@at ${new Date(Date.now() + inMs).toISOString()}`,
      'Nats-Schedule-Target': `due.cart.1.${id}.abandoned`,
    });
  await schedule('moved', 60_000);
  await schedule('moved', 500);
  await schedule('past', -5_000);
  await schedule('cancelled', 500);
  await nats.jsm.streams.purge('TIMERS', { filter: 'timer.cart.1.cancelled.abandoned' });
  const present = async () => (await nats.jsm.streams.info('TIMERS', { subjects_filter: '>' })).state.subjects ?? {};
  await eventually(
    async () =>
      Object.keys(await present())
        .sort()
        .join() === 'due.cart.1.moved.abandoned,due.cart.1.past.abandoned',
  );
  publisher.close();
});

test('a server that does not answer for a while is asked again', async () => {
  await using server = await freshNats();
  const nc = await connect({ servers: server.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  await server.kill();
  const events: string[] = [];
  const log = { info: ({ event }: { event: string }) => void events.push(event) };
  const outcome = reconcileStreams(nc, { replicas: 1, log, timeoutMs: 500 }).then(
    () => 'done',
    (error: unknown) => error,
  );
  await eventually(() => events.includes('nats-asked-again'));
  await server.start();
  expect(await outcome).toBe('done');
  await nc.close();
});
