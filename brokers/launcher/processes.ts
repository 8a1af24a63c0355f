/** What runs on this machine, as far as the launcher has to know: its own leftovers. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export type Found = { readonly pid: number; readonly args: readonly string[] };

function allProcesses(): Found[] {
  if (process.platform !== 'linux') {
    const listed = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' });
    return listed
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .map(([pid, ...args]) => ({ pid: Number(pid), args }));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), args: readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0') }];
      } catch {
        return []; // gone since it was listed
      }
    });
}

/** Processes whose command line has a word that ends in `program` and, as a word, `argument`. */
export const processesOf = (program: string, argument: string): Found[] =>
  allProcesses().filter(({ args }) => args.includes(argument) && args.some((word) => word.endsWith(program)));

/** True if `pid` runs `script`: a pid alone may long be somebody else's. */
export const isRunning = (pid: number, script: string): boolean =>
  allProcesses().some((found) => found.pid === pid && found.args.some((argument) => argument.endsWith(script)));

export const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Ends a process that is not our child: asks, waits, insists. */
export async function end(pid: number, signal: NodeJS.Signals): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (let next: NodeJS.Signals | undefined = signal; exists(pid); await pause(20)) {
    if (Date.now() > deadline) next = 'SIGKILL';
    if (next !== undefined) process.kill(pid, next);
    next = undefined;
  }
}
