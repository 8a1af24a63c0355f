/** The system that a demo or a benchmark runs against: the one that is up, or one of its own that ends with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { currentRun, lastRun } from '../brokers/launcher/run-file.ts';
import { freePort } from '../brokers/launcher/servers/ports.ts';
import { inherited, loadEnv, ROOT } from '../config/env.ts';

export type System = {
  readonly api: string;
  readonly simulator: string;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** True: it was started for this and stops with it. */
  readonly own: boolean;
  stop(): Promise<void>;
};

const START_WITHIN_MS = 180_000;

/** `dataDir`: of an own system, relative to the checkout. `variables`: for its processes. */
export async function findOrStart(
  dataDir: string,
  variables: Readonly<Record<string, string>>,
  say: (text: string) => void,
): Promise<System> {
  return (await findRunning()) ?? (await startOwn(dataDir, variables, say));
}

/** Found by DATA_DIR, or by NATS_URL and DATABASE_URL and the gateway's PORT. */
export async function findRunning(): Promise<System | undefined> {
  const env = loadEnv();
  const run = currentRun(env.dataDir);
  const natsUrl = env.natsUrl ?? run?.servers.NATS_URL;
  const databaseUrl = env.databaseUrl ?? run?.servers.DATABASE_URL;
  if (natsUrl === undefined || databaseUrl === undefined) return undefined;
  const api = `http://localhost:${run?.port ?? env.port}`;
  if (!(await isReady(api))) return undefined;
  const simulator = run?.servers.SIMULATOR_URL ?? env.simulatorUrl;
  return { api, simulator, natsUrl, databaseUrl, dataDir: env.dataDir, own: false, stop: async () => undefined };
}

/** Everything as `npm start` starts it, on free ports. Its output goes to `<dataDir>/start.log`. */
export async function startOwn(
  dataDir: string,
  variables: Readonly<Record<string, string>>,
  say: (text: string) => void,
): Promise<System> {
  const folder = join(ROOT, dataDir);
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const simulatorPort = await freePort();
  const env = {
    ...inherited(),
    NATS_URL: '',
    DATABASE_URL: '',
    REDIS_URL: '',
    SIMULATOR_URL: '',
    ...variables,
    DATA_DIR: folder,
    PORT: String(port),
    SIMULATOR_PORT: String(simulatorPort),
  };
  const child = spawn(process.execPath, [join(ROOT, 'brokers/start.ts')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  // Whatever ends this process, the system does not outlive it.
  const endToo = (): void => void child.kill('SIGTERM');
  process.once('exit', endToo);
  child.once('exit', () => process.off('exit', endToo));
  const log = createWriteStream(join(folder, 'start.log'));
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      log.write(part);
      tail = (tail + part.toString()).slice(-2_000);
    });
  }
  const api = `http://localhost:${port}`;
  const end = Date.now() + START_WITHIN_MS;
  while (!(await isReady(api))) {
    if (child.exitCode !== null) throw new Error(`the system did not start:\n${tail}`);
    if (Date.now() > end) {
      await ended(child, 'SIGTERM');
      throw new Error(`the system was not ready in ${START_WITHIN_MS / 1000} s:\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const run = lastRun(folder);
  const { NATS_URL, DATABASE_URL } = run?.servers ?? {};
  if (NATS_URL === undefined || DATABASE_URL === undefined) throw new Error(`no run.json in ${dataDir}`);
  say(`started a system of its own in ${dataDir}: ${api}`);
  return {
    api,
    simulator: `http://localhost:${simulatorPort}`,
    natsUrl: NATS_URL,
    databaseUrl: DATABASE_URL,
    dataDir: folder,
    own: true,
    stop: () => ended(child, 'SIGTERM'),
  };
}

async function isReady(api: string): Promise<boolean> {
  try {
    const answer = await fetch(`${api}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    return answer.status === 200;
  } catch {
    return false;
  }
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
