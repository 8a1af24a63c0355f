/** From the streams to the tables that people read. */
import { createPool } from '../../stores/postgres/pool.ts';
import { startProjections } from '../../stores/projections/projections.ts';
import type { Part } from '../node.ts';
import { databaseOf } from './database.ts';
import type { NodeParts } from './foundation.ts';

export async function startProjecting({ env, log, nc, metrics, feed }: NodeParts): Promise<Part> {
  const pool = createPool({ databaseUrl: databaseOf(env), applicationName: 'haat-projections', log, max: 5 });
  const projections = startProjections({ nc, pool, log, feed, metrics: metrics.registry });
  return {
    async stop() {
      await projections.stop();
      await pool.end();
    },
  };
}
