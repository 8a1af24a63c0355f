/** CPU time by process of a running system, read from /proc (Linux): what an order costs whom. */
import { readdirSync, readFileSync } from 'node:fs';

/** `getconf CLK_TCK` is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

export type Process = {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  readonly command: string;
};

function processes(): readonly Process[] {
  const all: Process[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The second field, the program's name, is in brackets and may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      // Its own, in user and system mode, and that of its children that have ended: a PostgreSQL connection is one.
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      all.push({ pid: Number(name), parent: Number(fields[1]), ticks, command });
    } catch {
      // Ended while we looked.
    }
  }
  return all;
}

function labelOf(command: string): string {
  const roles = /--roles (\S+)/.exec(command)?.[1];
  if (roles !== undefined) {
    const actors = roles.includes('order');
    return actors && roles.includes('gateway') ? 'node' : actors ? 'actors' : roles;
  }
  if (command.includes('nats-server')) return 'nats-server';
  if (command.includes('postgres')) return 'postgres';
  if (command.includes('redis')) return 'redis';
  return 'launcher';
}

/** `root` and everything that it started, and what that started; without this process. */
export function processesBelow(root: number): readonly (Process & { readonly label: string })[] {
  const all = processes();
  const below = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of all) {
      if (!below.has(parent) || below.has(pid) || pid === process.pid) continue;
      below.add(pid);
      grown = true;
    }
  }
  return all.filter(({ pid }) => below.has(pid)).map((found) => ({ ...found, label: labelOf(found.command) }));
}

/** CPU milliseconds used so far by each kind of process below `roots` and by this process (`generator`). */
export function cpuByProcess(...roots: readonly number[]): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  for (const { ticks, label } of roots.flatMap(processesBelow)) {
    used.set(label, (used.get(label) ?? 0) + ticks * MS_PER_TICK);
  }
  const { user, system } = process.cpuUsage();
  used.set('generator', (user + system) / 1000);
  return used;
}

export const spent = (
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> => new Map([...after].map(([name, ms]) => [name, ms - (before.get(name) ?? 0)]));

/** CPU milliseconds used so far by one process and all below it. */
export const cpuBelow = (root: number): number =>
  processesBelow(root).reduce((sum, { ticks }) => sum + ticks * MS_PER_TICK, 0);
