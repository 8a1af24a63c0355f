/** For tools beside the running system: its servers, named by the configuration or found in DATA_DIR. */
import { EnvInvalid, loadEnv } from '../../config/env.ts';
import { CannotStart } from './cannot-start.ts';
import { runningServers } from './run-file.ts';

export type FoundServers = { readonly natsUrl: string; readonly databaseUrl: string };

/** Throws CannotStart, which says what to do. */
export function findServers(): FoundServers {
  try {
    const given = loadEnv();
    const running = given.natsUrl === undefined ? runningServers(given.dataDir) : undefined;
    const { natsUrl, databaseUrl } = running === undefined ? given : loadEnv(running);
    if (natsUrl !== undefined && databaseUrl !== undefined) return { natsUrl, databaseUrl };
    throw new CannotStart(
      `NATS_URL and DATABASE_URL are not set and nothing runs in ${given.dataDir}. Start the system first: npm start`,
    );
  } catch (error) {
    if (error instanceof EnvInvalid) throw new CannotStart(error.message);
    throw error;
  }
}
