import pg from 'pg';
import pino from 'pino';
import { expect, test } from 'vitest';
import { freshDatabase, freshPostgres } from '../../brokers/launcher/test-servers.ts';
import { MigrationChanged, migrate } from './migrate.ts';
import { createPool, inTransaction } from './pool.ts';

const log = pino({ level: 'silent' });

test('several nodes migrate at once; each file runs once; an edited file is refused', async () => {
  await using database = await freshDatabase();
  const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, log)));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(applied.flat()).toContain('001-accounts.sql');
  expect(await migrate(database.url, log)).toEqual([]);

  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`update schema_migrations set checksum = 'other' where name = '001-accounts.sql'`);
  await client.end();
  await expect(migrate(database.url, log)).rejects.toBeInstanceOf(MigrationChanged);
});

test('a transaction that fails leaves nothing, and its connection is usable', async () => {
  await using database = await freshDatabase();
  const pool = createPool({ databaseUrl: database.url, applicationName: 'test', log, max: 1 });
  await pool.query('create table facts (n bigint primary key)');
  const failing = inTransaction(pool, async (client) => {
    await client.query('insert into facts values (1)');
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  await inTransaction(pool, (client) => client.query('insert into facts values (9007199254740991)'));
  expect((await pool.query('select n from facts')).rows).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
  await pool.query('update facts set n = n + 1');
  await expect(pool.query('select n from facts')).rejects.toThrow('bigint out of range');
  await pool.end();
});

test('a statement, and a wait for a connection, are bounded in time', async () => {
  await using database = await freshDatabase();
  const pool = createPool({
    databaseUrl: database.url,
    applicationName: 'test',
    log,
    max: 1,
    statementTimeoutMs: 100,
    connectionTimeoutMs: 50,
  });
  const slow = pool.query('select pg_sleep(30)');
  await expect(pool.query('select 1')).rejects.toThrow(/timeout/);
  await expect(slow).rejects.toThrow(/statement timeout/);
  await pool.end();
});

test('the pool outlives its server: queries reject, and work again once it is back', async () => {
  await using server = await freshPostgres();
  const pool = createPool({ databaseUrl: server.url, applicationName: 'test', log });
  await pool.query('select 1');
  await server.kill();
  await expect(pool.query('select 1')).rejects.toThrow();
  await server.start();
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});
