import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, freshNats, type TestServer } from '../../brokers/launcher/test-servers.ts';
import { connectNats } from './connection.ts';
import { encodeHeaders } from './headers.ts';
import { createPublisher, plainSequence } from './publisher.ts';

const ack = (text: string): number => plainSequence(Buffer.from(text));

describe('reading an ack by hand', () => {
  test('the plain one gives its sequence, every other shape goes to the JSON parser', () => {
    expect(ack('{"stream":"ORDER","seq":12}')).toBe(12);
    expect(ack('{"stream":"KV_reservations","seq":9007199254740991}')).toBe(Number.MAX_SAFE_INTEGER);
    for (const other of [
      '{"stream":"ORDER","seq":12,"duplicate":true}',
      '{"stream":"ORDER","domain":"hub","seq":12}',
      '{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 5"},"stream":"ORDER","seq":0}',
      '{"type":"io.nats.jetstream.api.v1.pub_ack_response"}',
      '{"stream":"ORDER","seq":',
      '{"stream":"ORDER',
      '{}',
      '',
    ]) {
      expect(ack(other)).toBe(0);
    }
  });
});

describe('publishing to JetStream', () => {
  let server: TestServer;
  let nc: NatsConnection;
  beforeAll(async () => {
    server = await freshNats();
    nc = await connectNats(server.url, { name: 'publisher-test', log: pino({ level: 'silent' }) });
    const { streams } = await jetstreamManager(nc);
    await streams.add({ name: 'THINGS', subjects: ['things.*'], max_msg_size: 1_000 });
  });
  afterAll(async () => {
    await nc.close();
    await server[Symbol.asyncDispose]();
  });

  test('stored, duplicate, refused, and nobody there', async () => {
    const publisher = createPublisher(nc);
    const once = { 'Nats-Msg-Id': 'once' };
    const first = await publisher.publish('things.a', 'x', once);
    expect(first).toMatchObject({ outcome: 'stored', duplicate: false });
    expect(await publisher.publish('things.a', 'x', encodeHeaders(once))).toEqual({ ...first, duplicate: true });
    const guard = { 'Nats-Expected-Last-Subject-Sequence': '99' };
    expect(await publisher.publish('things.a', 'y', guard)).toMatchObject({ outcome: 'refused', code: 10_071 });
    expect(await publisher.publish('things.a', 'z'.repeat(2_000))).toMatchObject({ outcome: 'refused' });
    expect(await publisher.publish('nothing.a', 'x')).toMatchObject({ outcome: 'unknown' });
    expect(publisher.inFlight).toBe(0);
    publisher.close();
  });

  test('what the server would not even take is unknown, and the next goes on', async () => {
    const publisher = createPublisher(nc, { inFlight: 1 });
    const tooLarge = Buffer.alloc((nc.info?.max_payload ?? 0) + 1);
    expect(await publisher.publish('things.a', tooLarge)).toMatchObject({ outcome: 'unknown' });
    expect(await publisher.publish('things.a', 'x')).toMatchObject({ outcome: 'stored' });
    publisher.close();
  });

  test('an answer after its time-out does not reach the next one in its place', async () => {
    const publisher = createPublisher(nc, { inFlight: 1, timeoutMs: 150 });
    const replies: string[] = [];
    const slow = nc.subscribe('slow.*', {
      callback: (_error, message) => {
        replies.push(message.reply ?? '');
      },
    });
    await nc.flush();
    expect(await publisher.publish('slow.a', 'x')).toMatchObject({ outcome: 'unknown' });
    const next = publisher.publish('slow.b', 'x');
    await eventually(() => replies.length === 2);
    nc.publish(replies[0] ?? '', '{"stream":"LATE","seq":1}');
    nc.publish(replies[1] ?? '', '{"stream":"RIGHT","seq":2}');
    expect(await next).toEqual({ outcome: 'stored', sequence: 2, duplicate: false });
    slow.unsubscribe();
    publisher.close();
  });

  test('a line break in a header is refused: it could pose as another header', async () => {
    const forged = { 'X-A': 'x\r\nNats-Rollup: all' };
    expect(() => encodeHeaders(forged)).toThrow(RangeError);
    const publisher = createPublisher(nc);
    expect(await publisher.publish('things.a', 'x', forged)).toMatchObject({ outcome: 'refused' });
    publisher.close();
  });
});
