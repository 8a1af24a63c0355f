/** From PostgreSQL's outbox to the streams; and, where people try things out, the first catalogue to sell from. */
import { seedDemo } from '../../stores/catalogue/seed/seed-demo.ts';
import { createPool } from '../../stores/postgres/pool.ts';
import { startRelay } from '../../stores/postgres/relay.ts';
import type { Part } from '../node.ts';
import { databaseOf } from './database.ts';
import type { NodeParts } from './foundation.ts';

export async function startRelaying({ env, log, publisher, actors }: NodeParts): Promise<Part> {
  const databaseUrl = databaseOf(env);
  const relay = startRelay({ databaseUrl, publisher, log });
  if (!env.production) {
    const pool = createPool({ databaseUrl, applicationName: 'haat-seed', log, max: 2 });
    await seedDemo({ pool, actors, log }).finally(() => pool.end());
  }
  return relay;
}
