/** Processes held to a share of a core by the kernel (cgroup v1 or v2). Only root can. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Short, so that a process that has used its share waits a moment and not a tenth of a second. */
const PERIOD_US = 20_000;
const V1 = '/sys/fs/cgroup/cpu';
const V2 = '/sys/fs/cgroup';

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
  if (!v1) {
    const controllers = join(V2, 'cgroup.subtree_control');
    if (!existsSync(controllers)) return 'this machine has no cgroups';
    if (!readFileSync(controllers, 'utf8').includes('cpu'))
      return 'the cpu controller of cgroups is not delegated here';
  }
  try {
    accessSync(root, constants.W_OK);
  } catch {
    return 'cgroups may be made by root only';
  }
  const made: string[] = [];
  return {
    hold(pid, cores) {
      const group = join(root, `haat-bench-${process.pid}-${pid}`);
      mkdirSync(group);
      made.push(group);
      const quota = Math.round(cores * PERIOD_US);
      if (v1) {
        writeFileSync(join(group, 'cpu.cfs_period_us'), `${PERIOD_US}`);
        writeFileSync(join(group, 'cpu.cfs_quota_us'), `${quota}`);
      } else {
        writeFileSync(join(group, 'cpu.max'), `${quota} ${PERIOD_US}`);
      }
      writeFileSync(join(group, 'cgroup.procs'), `${pid}`);
    },
    free(pid) {
      writeFileSync(join(root, 'cgroup.procs'), `${pid}`);
    },
    close() {
      for (const group of made) {
        try {
          rmdirSync(group);
        } catch {
          // Somebody is still in it: an empty group left behind holds nobody.
        }
      }
    },
  };
}
