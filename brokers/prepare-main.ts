/** Where there is no launcher (containers): brings the database named by DATABASE_URL to this version, and ends. */
import { EnvInvalid, loadEnv } from '../config/env.ts';
import { prepareDatabase } from './launcher/prepare.ts';

try {
  const env = loadEnv();
  if (env.databaseUrl === undefined) throw new EnvInvalid(['DATABASE_URL: must be set']);
  process.stdout.write(`schema: ${await prepareDatabase(env.databaseUrl, env)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
