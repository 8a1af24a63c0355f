/**
 * The clock of one of Haat's processes jumps, forwards or backwards, and later back. NATS and PostgreSQL keep theirs: a
 * process's wall clock cannot be shifted from outside (time namespaces shift the monotonic clocks only), and the machine's
 * is not ours to set.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../brokers/launcher/eventually.ts';
import { signal } from '../stage/processes.ts';
import type { Fault } from './fault.ts';
import { THERE_WITHIN_MS } from './kill.ts';

const MOST_MS = 10_000;

export const clock: Fault = {
  name: 'clock',
  plan(random, { processes }) {
    const victim = random.of(processes.filter((name) => /^(gateway|actors|node|simulator)/.test(name)));
    const jump = (200 + random.below(MOST_MS - 200)) * (random.below(2) === 0 ? 1 : -1);
    const holdMs = 500 + random.below(3_000);
    return {
      what: `the clock of ${victim} jumps by ${jump} ms for ${holdMs} ms`,
      holdMs,
      lateMs: MOST_MS,
      async inject({ system, pidsOf }) {
        const pid = await eventually(
          () => {
            const [found] = pidsOf(victim);
            return found !== undefined && setClock(system.dataDir, found, jump) ? found : undefined;
          },
          { withinMs: THERE_WITHIN_MS, what: `${victim} is there` },
        );
        // Killed since: its successor's clock is right.
        return () => void setClock(system.dataDir, pid, 0);
      },
    };
  },
};

function setClock(dataDir: string, pid: number, shift: number): boolean {
  writeFileSync(join(dataDir, `clock-${pid}`), String(shift));
  return signal(pid, 'SIGUSR2');
}
