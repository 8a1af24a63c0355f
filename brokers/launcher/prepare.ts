import { pino } from 'pino';
import type { Env } from '../../config/env.ts';
import { migrate } from '../../stores/postgres/migrate.ts';

/** Brings the database to this checkout's schema. Says what it did. */
export async function prepareDatabase(databaseUrl: string, env: Pick<Env, 'logLevel'>): Promise<string> {
  const log = pino({ level: env.logLevel === 'silent' ? 'silent' : 'error' });
  const applied = await migrate(databaseUrl, log);
  return applied.length === 0 ? 'up to date' : `${applied.length} migrations applied`;
}
