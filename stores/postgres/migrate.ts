/**
 * Brings a database to the schema of this checkout: plain SQL files, in order of their number, each once and in a
 * transaction of its own. Several nodes may start at once: an advisory lock lets one of them do it.
 *
 *   0xx accounts, catalogue, outbox · 1xx projections
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { connectionConfig } from './pool.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
const FILE = /^\d{3}-[a-z0-9-]+\.sql$/;
/** Any fixed number: one lock for all of Haat's migrations in this database. */
const LOCK = 7_481_001;

/** A file that this database has run has been edited since. Schemas go forward: add a file. */
export class MigrationChanged extends Error {
  readonly code = 'migration-changed';
  readonly retryable = false;
  constructor(name: string) {
    super(`migration ${name} was changed after it had been applied; put the change into a new file`);
    this.name = 'MigrationChanged';
  }
}

type Migration = { readonly name: string; readonly sql: string; readonly checksum: string };

async function migrations(): Promise<readonly Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => FILE.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, FOLDER), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** The SQL of all projections' tables, as they are after every migration: for a set of their own in another schema. */
export async function projectionSchema(): Promise<string> {
  const ours = (await migrations()).filter(({ name }) => name.startsWith('1'));
  return ours.map(({ sql }) => sql).join('\n');
}

/** Returns the names of what it applied. Throws MigrationChanged, or the database's error (nothing of that file stays). */
export async function migrate(databaseUrl: string, log: Logger): Promise<readonly string[]> {
  const client = new pg.Client({
    ...connectionConfig(databaseUrl, 'haat-migrate'),
    connectionTimeoutMillis: 10_000,
    options: '-c lock_timeout=60s',
  });
  // Ends the wait of the query that runs, which then rejects; without a listener it would end the process.
  client.on('error', (error) => log.warn({ event: 'postgres-connection-lost', error: error.message }));
  await client.connect();
  try {
    // Held by the connection: let go when it ends, however it ends.
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(
      `create table if not exists schema_migrations (
         name text primary key, checksum text not null, applied_at timestamptz(3) not null default now())`,
    );
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'select name, checksum from schema_migrations',
    );
    const done = new Map(rows.map((row) => [row.name, row.checksum]));
    const applied: string[] = [];
    for (const migration of await migrations()) {
      const checksum = done.get(migration.name);
      if (checksum !== undefined && checksum !== migration.checksum) throw new MigrationChanged(migration.name);
      if (checksum !== undefined) continue;
      await apply(client, migration);
      applied.push(migration.name);
      log.info({ event: 'migration-applied', migration: migration.name });
    }
    return applied;
  } finally {
    await client.end();
  }
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into schema_migrations (name, checksum) values ($1, $2)', [name, checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
