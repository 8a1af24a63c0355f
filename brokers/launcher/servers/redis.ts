import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type RunningServer, ServerFailed, startServer } from './child.ts';
import { freePort, LOOPBACK } from './ports.ts';

export type RedisOptions = {
  readonly binary: string;
  /** Where the shared libraries are that came with a fetched binary. */
  readonly libraryPath?: string;
  readonly dir: string;
  readonly port?: number;
  /** As a store of facts, to compare with: every write in a file, which is synced every second or before the answer. */
  readonly appendFsync?: 'everysec' | 'always';
};

// Its command line stays as it is, for the launcher to know its own by.
const always = ['--set-proc-title', 'no', '--save', ''];
/** Only what may be lost is kept in Redis (decision 15): nothing is written to disk, the oldest goes when it is full. */
const asCache = [...always, '--appendonly', 'no', '--maxmemory', '256mb', '--maxmemory-policy', 'allkeys-lru'];

const settingsOf = ({ appendFsync }: RedisOptions): readonly string[] =>
  appendFsync === undefined ? asCache : [...always, '--appendonly', 'yes', '--appendfsync', appendFsync];

export async function startRedis(options: RedisOptions): Promise<RunningServer> {
  mkdirSync(options.dir, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    try {
      return await startServer({
        name: 'redis-server',
        file: options.binary,
        args: ['--port', String(port), '--bind', LOOPBACK, '--dir', options.dir, ...settingsOf(options)],
        url: `redis://${LOOPBACK}:${port}`,
        port,
        cwd: options.dir,
        logFile: join(options.dir, 'redis-server.log'),
        ...(options.libraryPath === undefined ? {} : { env: { LD_LIBRARY_PATH: options.libraryPath } }),
        stopSignal: 'SIGTERM',
        ready: () => answersPing(port),
        readyWithinMs: 20_000,
      });
    } catch (error) {
      const taken = error instanceof ServerFailed && error.code === 'port-in-use';
      if (!taken || options.port !== undefined || attempt === 5) throw error;
    }
  }
}

const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK });
    const done = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.on('data', (chunk) => done(chunk.toString('latin1').startsWith('+PONG')));
  });
