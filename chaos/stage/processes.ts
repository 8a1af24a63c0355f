/** The processes of a running system, by the names that its launcher gave them. */
import { type Process, processesBelow } from '../../bench/cpu.ts';
import { lastRun } from '../../brokers/launcher/run-file.ts';

export type ProcessName =
  | 'nats-server'
  | 'postgres'
  | 'redis'
  | 'simulator'
  | 'gateway'
  | `actors${string}`
  | `node${string}`
  | `nats-${number}`;

function nameOf({ command }: Process): string | undefined {
  // Haat's own: `--node-id actors-2-1f3a5c`.
  const node = /--node-id (\S+)-[0-9a-f]{6}\b/.exec(command)?.[1];
  if (node !== undefined) return node;
  if (/(^|\/)nats-server /.test(command)) return 'nats-server';
  if (/(^|\/)redis-server /.test(command)) return 'redis';
  if (/(^|\/)postgres /.test(command)) return 'postgres';
  return undefined;
}

/** Of a process that the launcher keeps. */
export function pidsBelowLauncher(dataDir: string, name: ProcessName): readonly number[] {
  const root = lastRun(dataDir)?.pid;
  if (root === undefined) throw new Error('the system has no launcher');
  const below = processesBelow(root);
  const main = below.find((found) => found.parent === root && nameOf(found) === name);
  if (main === undefined) return [];
  return [main.pid, ...below.filter(({ parent }) => parent === main.pid).map(({ pid }) => pid)];
}

/** Processes other than this one whose command line has `text` in it. */
export const commandsNaming = (text: string): readonly number[] =>
  processesBelow(1).flatMap(({ pid, command }) => (command.includes(text) ? [pid] : []));

/** False: it had gone already. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}
