/**
 * Connections to PostgreSQL. Bounded in number and in time, so that a database that hangs costs its callers a few
 * seconds and no more; a database that is gone makes queries reject, never the process end.
 */
import pg from 'pg';
import type { Logger } from 'pino';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;
/** What a single statement needs: the pool, or the connection of a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

export type PoolOptions = {
  readonly databaseUrl: string;
  /** Shown in pg_stat_activity: `haat-<role>`. */
  readonly applicationName: string;
  readonly log: Logger;
  /** Default 10. */
  readonly max?: number;
  /** Default 5,000 ms. Migrations and rebuilds run without one, on connections of their own. */
  readonly statementTimeoutMs?: number;
  /** Until a connection is there, waiting for a free one included. Default 2,000 ms. */
  readonly connectionTimeoutMs?: number;
};

/** int8 as a number: counts and paise are safe integers; anything else is a defect that must not be rounded away. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint out of range: ${text}`);
  return value;
}

const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, safeInteger);

/** int8 reads as number, timestamptz as Date, jsonb parsed. Also for connections outside the pool. */
export function connectionConfig(databaseUrl: string, applicationName: string): pg.ClientConfig {
  return {
    connectionString: databaseUrl,
    application_name: applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types,
  };
}

export function createPool(options: PoolOptions): Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 5_000;
  const pool = new pg.Pool({
    ...connectionConfig(options.databaseUrl, options.applicationName),
    max: options.max ?? 10,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 2_000,
    statement_timeout: statementTimeoutMs,
    // A server that does not even answer to its own time-out (frozen, cut off) is given up on here.
    query_timeout: statementTimeoutMs + 1_000,
    idle_in_transaction_session_timeout: 30_000,
  });
  // An idle connection broke: the pool has dropped it already. Unhandled, this event would end the process.
  pool.on('error', (error) => options.log.warn({ event: 'postgres-connection-lost', error: error.message }));
  return pool;
}

/** Runs `work` in one transaction. A failure rolls back, and a connection in doubt is not used again. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let doubt: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failed: unknown) => {
      doubt = failed instanceof Error ? failed : new Error(String(failed));
    });
    throw error;
  } finally {
    client.release(doubt);
  }
}

/** The constraint that a unique violation names; undefined for any other error. */
export function violatedUnique(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code === '23505' ? (error.constraint ?? '') : undefined;
}
