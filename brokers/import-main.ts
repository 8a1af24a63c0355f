/**
 * `npm run import -- FILE`: products from a CSV file into a running system, found by its variables or, without them,
 * in DATA_DIR. It joins as a node without roles, to ask the SKU actors for stock.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { EnvInvalid, loadEnv } from '../config/env.ts';
import { FileUnreadable } from '../stores/catalogue/import/read-file.ts';
import { readArguments, runImport, USAGE, untilPublished } from '../stores/catalogue/import/run-import.ts';
import { createPool } from '../stores/postgres/pool.ts';
import { runningServers } from './launcher/run-file.ts';
import { joinCluster } from './rpc/cluster.ts';
import { createPlacement } from './rpc/placement.ts';
import { createActors } from './rpc/proxies.ts';

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};

function servers(): { natsUrl: string; databaseUrl: string; dataDir: string } {
  try {
    const given = loadEnv();
    const running = given.natsUrl === undefined ? runningServers(given.dataDir) : {};
    const { natsUrl, databaseUrl, dataDir } = running === undefined ? given : loadEnv(running);
    if (natsUrl === undefined || databaseUrl === undefined) {
      return fail(
        `NATS_URL and DATABASE_URL are not set and nothing runs in ${dataDir}. Start the system first: npm start`,
      );
    }
    return { natsUrl, databaseUrl, dataDir };
  } catch (error) {
    if (error instanceof EnvInvalid) return fail(error.message);
    throw error;
  }
}

const wanted = readArguments(process.argv.slice(2)) ?? fail(USAGE);
const { natsUrl, databaseUrl, dataDir } = servers();
const log = pino({ level: 'error' });
const nodeId = `import-${randomBytes(4).toString('hex')}`;
const pool = createPool({ databaseUrl, applicationName: 'haat-import', log, statementTimeoutMs: 30_000 });
const cluster = await joinCluster({ nodeId, natsUrl, log });
try {
  const actors = createActors({ cluster, placement: createPlacement(cluster) });
  const screen = process.stdout;
  await runImport({ ...wanted, pool, actors, dataDir, screen });
  if (!(await untilPublished(pool))) {
    screen.write('  not published yet, as no relay runs: it can be bought when one does\n');
  }
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  const again = error instanceof FileUnreadable ? '' : '\nRun it again: what is done is not done twice.';
  process.stderr.write(`\nThe import stopped: ${why}${again}\n`);
  process.exitCode = 1;
} finally {
  await cluster.leave();
  await pool.end();
}
