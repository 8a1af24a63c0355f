import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { eventually, freshDatabase, freshNats } from './test-servers.ts';

test('the shared servers answer, NATS with JetStream', async () => {
  const nats = await connect({ servers: inject('natsUrl') });
  expect((await (await jetstreamManager(nats)).getAccountInfo()).streams).toBeGreaterThanOrEqual(0);
  await nats.close();

  const postgres = new pg.Client({ connectionString: inject('databaseUrl') });
  await postgres.connect();
  expect((await postgres.query('show server_encoding')).rows).toEqual([{ server_encoding: 'UTF8' }]);
  await postgres.end();

  const redis = new Redis(inject('redisUrl'));
  expect(await redis.ping()).toBe('PONG');
  redis.disconnect();
});

test('a private nats-server keeps an acknowledged message through kill -9', async () => {
  await using server = await freshNats();
  const nats = await connect({ servers: server.url, reconnectTimeWait: 20, maxReconnectAttempts: -1 });
  const manager = await jetstreamManager(nats, { timeout: 500 });
  await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
  await jetstream(nats).publish('kept', 'a fact');
  await server.kill();
  await server.start();
  const info = await eventually(() => manager.streams.info('KEPT'), { withinMs: 10_000 });
  expect(info.state.messages).toBe(1);
  await nats.close();
});

test('a private database is empty, and gone afterwards', async () => {
  let gone: string;
  {
    await using database = await freshDatabase();
    gone = database.url;
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const tables = await client.query(`select 1 from information_schema.tables where table_schema = 'public'`);
    expect(tables.rowCount).toBe(0);
    await client.end();
  }
  const client = new pg.Client({ connectionString: gone });
  await expect(client.connect()).rejects.toThrow(/does not exist/);
});

test('eventually fails with the last reason', async () => {
  const never = eventually(
    () => {
      throw new Error('still dark');
    },
    { withinMs: 30, what: 'dawn' },
  );
  await expect(never).rejects.toThrow('dawn did not hold within 30 ms: still dark');
});
