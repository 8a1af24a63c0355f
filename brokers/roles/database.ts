import type { Env } from '../../config/env.ts';

/** Throws if the role that asks has no database. */
export function databaseOf({ databaseUrl }: Pick<Env, 'databaseUrl'>): string {
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set');
  return databaseUrl;
}
