/** `npm run reset`: what was kept goes, save the fetched server programs. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EnvInvalid, folders } from '../config/env.ts';
import { sweep } from './launcher/preflight.ts';
import { AlreadyRunning, claim, release } from './launcher/run-file.ts';

try {
  const { dataDir, bin } = folders();
  if (existsSync(dataDir)) {
    claim(dataDir);
    await sweep(dataDir);
    const entries = readdirSync(dataDir).filter((name) => name !== 'run.lock' && join(dataDir, name) !== bin);
    for (const name of entries) rmSync(join(dataDir, name), { recursive: true, force: true });
    release(dataDir);
  }
  process.stdout.write(`  ${dataDir} is empty: the next npm start begins anew\n`);
} catch (error) {
  if (!(error instanceof AlreadyRunning || error instanceof EnvInvalid)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
