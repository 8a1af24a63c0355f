/** The power of NATS' machine fails: what was not synced is gone. */
import type { Fault } from './fault.ts';

export const power: Fault = {
  name: 'power',
  plan(random) {
    const holdMs = random.below(1_500);
    return {
      what: `power of NATS cut for ${holdMs} ms`,
      holdMs,
      async inject({ servers }) {
        if (servers?.cutPower === undefined) throw new Error('no power to cut here');
        return servers.cutPower();
      },
    };
  },
};
