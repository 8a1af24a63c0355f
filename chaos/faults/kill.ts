/** `kill -9` of any process. The launcher starts it again. */
import { eventually } from '../../brokers/launcher/eventually.ts';
import { signal } from '../stage/processes.ts';
import type { Fault } from './fault.ts';

/** One that is being started again is waited for: every kill that was planned is done. */
export const THERE_WITHIN_MS = 15_000;

export const kill: Fault = {
  name: 'kill',
  plan(random, { processes }) {
    const victim = random.of(processes);
    return {
      what: `kill -9 ${victim}`,
      holdMs: 0,
      async inject({ pidsOf }) {
        await eventually(
          () =>
            pidsOf(victim)
              .slice(0, 1)
              .some((pid) => signal(pid, 'SIGKILL')),
          {
            withinMs: THERE_WITHIN_MS,
            what: `${victim} is there to be killed`,
          },
        );
        return () => undefined;
      },
    };
  },
};
