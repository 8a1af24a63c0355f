/** What would stop a start is found out first, and said plainly. */
import { accessSync, constants, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.ts';
import { end, processesOf } from './processes.ts';
import { isPortFree } from './servers/ports.ts';

const WANTED_BYTES = 256 * 1024 * 1024;

export function checkFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new CannotStart(`The data folder ${dataDir} cannot be written (${reason}). Set DATA_DIR to one that can.`);
  }
  const { bavail, bsize } = statfsSync(dataDir);
  if (bavail * bsize < WANTED_BYTES) {
    throw new CannotStart(
      `The disk that holds ${dataDir} is full: ${Math.floor((bavail * bsize) / 1024 ** 2)} MB are left, ` +
        `${WANTED_BYTES / 1024 ** 2} MB are wanted.\n  Make room, or set DATA_DIR to another disk.`,
    );
  }
}

export async function checkPort(variable: string, port: number, host: string): Promise<void> {
  if (await isPortFree(port, host)) return;
  throw new CannotStart(
    `Port ${port} is in use by another program.\n  Stop that one, or choose another port: ${variable}=${port + 1} npm start`,
  );
}

/** A server that the configuration names must answer; which protocol it speaks, its client will find out. */
export async function checkReachable(variable: string, urls: string): Promise<void> {
  const addresses = urls.split(',').map((text) => new URL(text));
  const standard: Record<string, number> = { 'nats:': 4222, 'tls:': 4222, 'redis:': 6379, 'rediss:': 6379 };
  const answers = await Promise.all(
    addresses.map(({ hostname, port, protocol }) =>
      canConnect(hostname.replace(/^\[|\]$/g, ''), Number(port) || (standard[protocol] ?? 5432)),
    ),
  );
  if (answers.includes(true)) return;
  const where = addresses.map(({ host }) => host).join(', ');
  throw new CannotStart(`${variable} names ${where}, where nothing answers. Unset it to have Haat start its own.`);
}

const canConnect = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3_000 });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });

/** What a killed launcher left running in this folder: processes whose command line names this very folder. */
export function leftovers(dataDir: string): readonly { readonly pid: number; readonly signal: NodeJS.Signals }[] {
  const own: readonly (readonly [program: string, argument: string, signal: NodeJS.Signals])[] = [
    ['node-main.ts', dataDir, 'SIGTERM'],
    ...['nats', 'nats-1', 'nats-2', 'nats-3', 'nats-4', 'nats-5'].map(
      (folder) => ['nats-server', join(dataDir, folder, 'nats-server.conf'), 'SIGTERM'] as const,
    ),
    ['postgres', join(dataDir, 'postgres', 'data'), 'SIGINT'],
    ['redis-server', join(dataDir, 'redis'), 'SIGTERM'],
    ['valkey-server', join(dataDir, 'redis'), 'SIGTERM'],
  ];
  return own.flatMap(([program, argument, signal]) =>
    processesOf(program, argument).map(({ pid }) => ({ pid, signal })),
  );
}

/** Ends the leftovers: two nats-servers on one store would destroy it. Returns how many there were. */
export async function sweep(dataDir: string): Promise<number> {
  const left = leftovers(dataDir);
  await Promise.all(left.map(({ pid, signal }) => end(pid, signal)));
  // PostgreSQL takes its own old lock for that of a living server if the pid has been given to somebody else since.
  rmSync(join(dataDir, 'postgres', 'data', 'postmaster.pid'), { force: true });
  return left.length;
}
