/** One of Haat's own processes as a child of the launcher. */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from '../../config/env.ts';
import { CannotStart } from './cannot-start.ts';
import type { Running } from './supervised.ts';

export type NodeOptions = {
  readonly name: string;
  readonly roles: readonly string[];
  readonly dataDir: string;
  readonly logFile: string;
  /** The launcher's own environment with the servers filled in. */
  readonly env: NodeJS.ProcessEnv;
};

export type RunningNode = Running & { readonly nodeId: string };

/**
 * Young generation in MB: what lives as long as an order is on its way is garbage before it is looked at. And 64 MB of
 * buffers that outlived it are no reason by themselves to collect everything else (V8's rule without the second option,
 * every six seconds at a peak): they count towards the heap's limit as all memory does.
 */
const MEMORY = ['--max-semi-space-size=128', '--external-memory-accounted-in-global-limit'];
const READY_WITHIN_MS = 60_000;
const LEAVE_WITHIN_MS = 20_000;

export async function startNodeProcess(options: NodeOptions): Promise<RunningNode> {
  // A new name at every start: what is still under way to the old one cannot hit the new one.
  const nodeId = `${options.name}-${randomBytes(3).toString('hex')}`;
  const log = openSync(options.logFile, 'a');
  const child = fork(
    join(ROOT, 'brokers', 'node-main.ts'),
    ['--roles', options.roles.join(','), '--node-id', nodeId, '--data-dir', options.dataDir],
    // A group of its own: Ctrl-C in the terminal reaches the launcher alone, which stops things in order.
    {
      cwd: ROOT,
      env: options.env,
      execArgv: [...process.execArgv, ...MEMORY],
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    },
  );
  closeSync(log);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: -1, signal: null }));
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const left = await Promise.race([exited, pause(LEAVE_WITHIN_MS, undefined, { ref: false })]);
    if (left === undefined) {
      child.kill('SIGKILL');
      await exited;
    }
  };
  const ready = new Promise<'ready'>((resolve) => child.once('message', () => resolve('ready')));
  const outcome = await Promise.race([ready, exited, pause(READY_WITHIN_MS, undefined, { ref: false })]);
  if (outcome !== 'ready' || child.pid === undefined) {
    await stop();
    const what = outcome === undefined ? `was not ready within ${READY_WITHIN_MS / 1000} s` : 'ended at its start';
    throw new CannotStart(`${options.name} ${what}. ${lastWords(options.logFile)}`);
  }
  return { nodeId, pid: child.pid, exited, stop };
}

function lastWords(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-12);
  return `Its log ${logFile} ends with:\n${lines.map((line) => `  ${line.slice(0, 400)}`).join('\n')}`;
}
