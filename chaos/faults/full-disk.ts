/** The disk of NATS is full: nothing is acknowledged that was not written, and what was stays. */
import type { Fault } from './fault.ts';

export const fullDisk: Fault = {
  name: 'full-disk',
  plan(random) {
    const holdMs = 300 + random.below(2_500);
    return {
      what: `the disk of NATS full for ${holdMs} ms`,
      holdMs,
      async inject({ servers }) {
        if (servers?.fillDisk === undefined) throw new Error('no small disk here');
        return servers.fillDisk();
      },
    };
  },
};
