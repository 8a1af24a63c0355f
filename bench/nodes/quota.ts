/** Processes held to a share of a core by the kernel (cgroup v1 or v2). Only root can. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Short, so that a process that has used its share waits a moment and not a tenth of a second. */
const PERIOD_US = 20_000;
const V1 = '/sys/fs/cgroup/cpu';
const V2 = '/sys/fs/cgroup';
const CHILDREN = 'cgroup.subtree_control';

export type Quotas = {
  /** `cores`: 0.1 = a tenth of one. */
  hold(pid: number, cores: number): void;
  /** Held no longer. */
  free(pid: number): void;
  /** After the processes have ended. */
  close(): void;
};

/** Or why it cannot be. */
export function openQuotas(): Quotas | string {
  const v1 = existsSync(join(V1, 'cpu.cfs_quota_us'));
  const root = v1 ? V1 : V2;
  if (!v1 && !existsSync(join(V2, 'cgroup.controllers'))) return 'this machine has no cgroups for CPU';
  try {
    accessSync(root, constants.W_OK);
    // Version 2 gives a controller to the groups below only when told; root's own group may be told at any time.
    if (!v1 && !readFileSync(join(V2, CHILDREN), 'utf8').includes('cpu')) writeFileSync(join(V2, CHILDREN), '+cpu');
  } catch (error) {
    return `cgroups cannot be made here, only root can: ${error instanceof Error ? error.message : String(error)}`;
  }
  const made: string[] = [];
  const limit = (group: string, cores: number): void => {
    mkdirSync(group);
    made.push(group);
    const quota = Math.round(cores * PERIOD_US);
    if (v1) {
      writeFileSync(join(group, 'cpu.cfs_period_us'), `${PERIOD_US}`);
      writeFileSync(join(group, 'cpu.cfs_quota_us'), `${quota}`);
    } else {
      writeFileSync(join(group, 'cpu.max'), `${quota} ${PERIOD_US}`);
    }
  };
  const close = (): void => {
    for (const group of made.splice(0)) {
      try {
        rmdirSync(group);
      } catch {
        // Somebody is still in it: an empty group left behind holds nobody.
      }
    }
  };
  const nameOf = (who: string): string => join(root, `haat-bench-${process.pid}-${who}`);
  try {
    // In a container a group can often be made, and then not be limited, or not be entered.
    limit(nameOf('trial'), 1);
    const home = homeOf(process.pid, v1);
    writeFileSync(join(nameOf('trial'), 'cgroup.procs'), `${process.pid}`);
    writeFileSync(join(root, home, 'cgroup.procs'), `${process.pid}`);
  } catch (error) {
    return `cgroups cannot be used here: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    close();
  }
  const homes = new Map<number, string>();
  return {
    hold(pid, cores) {
      homes.set(pid, homeOf(pid, v1));
      limit(nameOf(String(pid)), cores);
      writeFileSync(join(nameOf(String(pid)), 'cgroup.procs'), `${pid}`);
    },
    free(pid) {
      writeFileSync(join(root, homes.get(pid) ?? '', 'cgroup.procs'), `${pid}`);
    },
    close,
  };
}

/** The group that a process is in: it goes back there, and not out of what somebody else holds it to. */
function homeOf(pid: number, v1: boolean): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const ours = lines.find((line) => (v1 ? /^\d+:([^:]*,)?cpu(,[^:]*)?:/.test(line) : line.startsWith('0::')));
  return ours?.slice(ours.indexOf(':', ours.indexOf(':') + 1) + 1) ?? '';
}
