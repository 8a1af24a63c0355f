/**
 * The disk under NATS is slow: every write and sync of the server is held up before it is done, by strace
 * (`inject=…:delay_enter`). Its other system calls go on as before.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../brokers/launcher/eventually.ts';
import type { Fault } from './fault.ts';
import { THERE_WITHIN_MS } from './kill.ts';

const CALLS = 'pwrite64,fsync,fdatasync';
const ATTACHED_WITHIN_MS = 2_000;

export const slowDisk: Fault = {
  name: 'slow-disk',
  async missing() {
    const asleep = spawn('sleep', ['30'], { stdio: 'ignore' });
    try {
      await once(asleep, 'spawn');
      await detach(await attach(asleep.pid ?? 0, 1_000));
      return undefined;
    } catch (error) {
      return `strace must be there, and allowed; here: ${error instanceof Error ? error.message : error}`;
    } finally {
      asleep.kill();
    }
  },
  plan(random, { processes }) {
    const delayMs = [5, 20, 80, 300][random.below(4)] ?? 20;
    const holdMs = 1_000 + random.below(3_000);
    const victim = random.of(processes.filter((name) => name.startsWith('nats-')));
    return {
      what: `every write and sync of ${victim} takes ${delayMs} ms more for ${holdMs} ms`,
      holdMs,
      async inject({ pidsOf }) {
        const pid = await eventually(() => pidsOf(victim)[0], {
          withinMs: THERE_WITHIN_MS,
          what: `${victim} is there`,
        });
        const tracer = await attach(pid, delayMs * 1_000);
        return () => detach(tracer);
      },
    };
  },
};

async function attach(pid: number, delayUs: number): Promise<ChildProcess> {
  const inject = `inject=${CALLS}:delay_enter=${delayUs}`;
  const args = ['-f', '-p', `${pid}`, '-o', '/dev/null', '-e', `trace=${CALLS}`, '-e', inject];
  const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = once(tracer.stderr, 'data').then(([text]) => String(text));
  const failed = once(tracer, 'error').then(([error]) => `not started: ${error}`);
  const first = await Promise.race([said, failed, pause(ATTACHED_WITHIN_MS, 'silent', { ref: false })]);
  tracer.stderr.resume();
  if (/attached/.test(first)) return tracer;
  tracer.kill();
  throw new Error(`strace: ${first.trim()}`);
}

async function detach(tracer: ChildProcess): Promise<void> {
  // Gone with its server.
  if (tracer.exitCode !== null || tracer.signalCode !== null) return;
  const gone = once(tracer, 'exit');
  tracer.kill('SIGINT');
  await gone;
}
