import { jetstreamManager } from '@nats-io/jetstream';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { eventually, freshNats } from '../../brokers/launcher/test-servers.ts';
import { eventLogConformance } from '../event-log.conformance.ts';
import { connectNats } from './connection.ts';
import { createJetStreamEventLog } from './jetstream-event-log.ts';

const log = pino({ level: 'silent' });

async function jetStream(options: Parameters<typeof createJetStreamEventLog>[1] = {}) {
  const server = await freshNats();
  const nc = await connectNats(server.url, { name: 'event-log-test', log });
  const streams = (await jetstreamManager(nc)).streams;
  await streams.add({ name: 'ORDER', subjects: ['order.*.*'], allow_direct: true });
  const events = createJetStreamEventLog(nc, options);
  return {
    server,
    nc,
    log: events,
    stream: 'ORDER',
    [Symbol.asyncDispose]: async () => {
      await events.close();
      await nc.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

eventLogConformance('JetStream', () => jetStream());

describe('JetStream event log when things fail', () => {
  test('an append to a stream that is not there is unknown, a read of it fails', async () => {
    await using js = await jetStream();
    expect(await js.log.append('CART', 'cart.1.c', 'x', 0)).toMatchObject({ outcome: 'unknown' });
    await expect(js.log.last('CART', 'cart.1.c')).rejects.toThrow('cart.1.c');
    await expect(js.log.last('CART', 'cart.1.c', { fromLeader: true })).rejects.toThrow('cart.1.c');
    await expect(js.log.read('CART', 'cart.1.c', 0)).rejects.toThrow('cart.1.c');
  });

  test('appends under way when the server is killed are unknown; after its restart the log goes on', async () => {
    await using js = await jetStream({ timeoutMs: 20_000 });
    await js.log.append('ORDER', 'order.1.a', 'before', 0);
    const flood = Array.from({ length: 2_000 }, (_, i) => js.log.append('ORDER', `order.2.o${i}`, 'x', 0));
    await js.server.kill();
    // Answered long before the time-out: the loss of the connection is what tells.
    const outcomes = await Promise.all(flood);
    for (const { outcome } of outcomes) expect(['appended', 'unknown']).toContain(outcome);
    // Sent while there is no connection: waits for it.
    const waiting = js.log.append('ORDER', 'order.1.b', 'meanwhile', 0);
    await js.server.start();
    expect(await waiting).toMatchObject({ outcome: 'appended' });
    const last = await eventually(() => js.log.last('ORDER', 'order.1.a'));
    expect(await js.log.append('ORDER', 'order.1.a', 'after', last.sequence)).toMatchObject({ outcome: 'appended' });
  });

  test('without a server an append is unknown when its time is over', async () => {
    await using js = await jetStream({ timeoutMs: 300 });
    await js.server.stop();
    const result = await js.log.append('ORDER', 'order.1.a', 'x', 0);
    expect(result).toMatchObject({ outcome: 'unknown' });
    await js.server.start();
  });

  test('more than may be in flight wait their turn, and none is lost', async () => {
    await using js = await jetStream({ inFlight: 8 });
    const results = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => js.log.append('ORDER', `order.3.o${i}`, 'x', 0)),
    );
    expect(results.every(({ outcome }) => outcome === 'appended')).toBe(true);
  });

  test('more than may wait are refused at once', async () => {
    await using js = await jetStream({ inFlight: 1, waiting: 1 });
    const results = await Promise.all(['a', 'b', 'c'].map((id) => js.log.append('ORDER', `order.4.${id}`, 'x', 0)));
    expect(results.map(({ outcome }) => outcome)).toEqual(['appended', 'appended', 'unknown']);
  });

  test('a closed log answers what was under way', async () => {
    await using js = await jetStream();
    const pending = js.log.append('ORDER', 'order.5.a', 'x', 0);
    await js.log.close();
    expect((await pending).outcome).toBe('unknown');
    expect((await js.log.append('ORDER', 'order.5.b', 'x', 0)).outcome).toBe('unknown');
  });
});
