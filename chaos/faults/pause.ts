/**
 * SIGSTOP of any process, and SIGCONT: as a long collection of garbage, a machine that swaps, a virtual one that is moved.
 * Short ones are borne; the long ones outlast what others wait for: heartbeats (3 s) and consumers' acks (6 s).
 */
import { eventually } from '../../brokers/launcher/eventually.ts';
import { signal } from '../stage/processes.ts';
import type { Fault } from './fault.ts';
import { THERE_WITHIN_MS } from './kill.ts';

export const pause: Fault = {
  name: 'pause',
  plan(random, { processes }) {
    const victim = random.of(processes);
    const holdMs = random.below(3) > 0 ? 200 + random.below(1_800) : 3_500 + random.below(4_000);
    return {
      what: `SIGSTOP ${victim} for ${holdMs} ms`,
      holdMs,
      async inject({ pidsOf }) {
        const pids = await eventually(
          () => {
            const found = pidsOf(victim);
            return found[0] !== undefined && signal(found[0], 'SIGSTOP') ? found : undefined;
          },
          { withinMs: THERE_WITHIN_MS, what: `${victim} is there to be stopped` },
        );
        for (const pid of pids) signal(pid, 'SIGSTOP');
        return () => {
          for (const pid of pids.toReversed()) signal(pid, 'SIGCONT');
        };
      },
    };
  },
};
