/**
 * One suite at a time in a checkout, and what one that was killed has left is cleared away before the next: its
 * processes, its mounts and loop devices, its network. Only what names our own folder is touched.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { end, isRunning } from '../../brokers/launcher/processes.ts';
import { currentRun } from '../../brokers/launcher/run-file.ts';
import { ROOT } from '../../config/env.ts';
import { clearNet } from '../stage/cluster.ts';
import { commandsNaming } from '../stage/processes.ts';
import { shell, works } from '../stage/shell.ts';

const FOLDER = join(ROOT, '.haat-chaos');
const LOCK = join(FOLDER, 'suite.pid');
const SCRIPT = 'chaos/main.ts';

/** Undefined: ours. Otherwise the process that has it. The answer gives it back. */
export async function takeOver(stages: readonly string[]): Promise<{ readonly by: number } | (() => void)> {
  mkdirSync(FOLDER, { recursive: true });
  const before = lastSuite();
  if (before !== undefined && before !== process.pid && isRunning(before, SCRIPT)) return { by: before };
  writeFileSync(LOCK, String(process.pid));
  if (before !== undefined) await clearAway(before, stages);
  return () => rmSync(LOCK, { force: true });
}

function lastSuite(): number | undefined {
  try {
    return Number(readFileSync(LOCK, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

async function clearAway(suite: number, stages: readonly string[]): Promise<void> {
  for (const stage of stages) {
    const launcher = currentRun(join(FOLDER, stage))?.pid;
    if (launcher !== undefined) await end(launcher, 'SIGKILL');
  }
  for (const pid of commandsNaming(`${FOLDER}/`)) await end(pid, 'SIGKILL');
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [, target = ''] = line.split(' ');
    if (target.startsWith(`${FOLDER}/`)) await works('umount', '-l', target);
  }
  const loops = await shell('losetup', '--list', '--noheadings', '--output', 'NAME,BACK-FILE').catch(() => '');
  for (const line of loops.split('\n')) {
    const [device = '', file = ''] = line.trim().split(/\s+/);
    if (file.startsWith(`${FOLDER}/`)) await works('losetup', '-d', device);
  }
  await clearNet(suite);
}
