/**
 * DATA_DIR/run.json: who runs here and where its servers are. It is the lock that keeps a second launcher out, and
 * what `npm run node`, `demo` and `reset` find the running system by. A launcher that was killed leaves it behind;
 * the process named in it decides, not the file.
 */
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isRunning } from './processes.ts';

/** What the launcher's command line has in it. */
export const START_SCRIPT = 'brokers/start.ts';

const runSchema = z.object({
  pid: z.number().int(),
  startedAt: z.string(),
  port: z.number().int().optional(),
  simulatorPort: z.number().int().optional(),
  /** Of the servers: taken again at the next start, so that clients outside find them. */
  ports: z.record(z.string(), z.number().int()).default({}),
  servers: z
    .object({ NATS_URL: z.string(), DATABASE_URL: z.string(), REDIS_URL: z.string(), SIMULATOR_URL: z.string() })
    .partial()
    .default({}),
});

export type Run = z.infer<typeof runSchema>;

const fileIn = (dataDir: string): string => join(dataDir, 'run.json');

/** The last run recorded in this folder, running or not. */
export function lastRun(dataDir: string): Run | undefined {
  try {
    return runSchema.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')));
  } catch {
    // None, or cut off by a full disk: as good as none.
    return undefined;
  }
}

/** The system that runs in this folder now. */
export function currentRun(dataDir: string): Run | undefined {
  const run = lastRun(dataDir);
  return run !== undefined && isRunning(run.pid, START_SCRIPT) ? run : undefined;
}

/** The running system's servers as variables of the environment. */
export const runningServers = (dataDir: string): Run['servers'] | undefined => currentRun(dataDir)?.servers;

export class AlreadyRunning extends Error {
  constructor(dataDir: string, run: Run) {
    super(
      `Haat already runs in ${dataDir} (process ${run.pid}${run.port === undefined ? '' : `, http://localhost:${run.port}`}).\n` +
        '  Stop it with Ctrl-C there, or start a second one with its own folder and ports:\n' +
        '  DATA_DIR=.haat-2 PORT=3001 SIMULATOR_PORT=4011 npm start',
    );
    this.name = 'AlreadyRunning';
  }
}

/** Takes the folder for this process. Returns what the run before had recorded. */
export function claim(dataDir: string): Run | undefined {
  mkdirSync(dataDir, { recursive: true });
  const before = lastRun(dataDir);
  const lock = join(dataDir, 'run.lock');
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    // A link is made by one only, and never half. The second attempt is for the lock of a launcher that was killed.
    if (!linked(mine, lock)) {
      const holder = Number(readFileSync(lock, 'utf8'));
      if (isRunning(holder, START_SCRIPT))
        throw new AlreadyRunning(dataDir, { ...(before ?? emptyRun()), pid: holder });
      rmSync(lock, { force: true });
      if (!linked(mine, lock)) throw new AlreadyRunning(dataDir, { ...emptyRun(), pid: holder });
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return before;
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

const emptyRun = (): Run => ({ pid: process.pid, startedAt: new Date().toISOString(), ports: {}, servers: {} });

/** Holds the password of the PostgreSQL that the launcher started: for its owner only. */
export function record(dataDir: string, run: Omit<Run, 'pid' | 'startedAt'>): void {
  const draft = `${fileIn(dataDir)}.part`;
  writeFileSync(draft, `${JSON.stringify({ ...emptyRun(), ...run }, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, fileIn(dataDir));
}

/** run.json stays for the ports in it. */
export const release = (dataDir: string): void => rmSync(join(dataDir, 'run.lock'), { force: true });
