/** A storm of webhooks: each several times, late, in any order, and old ones again, all with their own signatures. */
import { seeded } from '../random.ts';
import type { Fault } from './fault.ts';

export const webhooks: Fault = {
  name: 'webhooks',
  plan(random) {
    const seed = random.below(1_000_000);
    const holdMs = 1_000 + random.below(4_000);
    return {
      what: `webhooks repeated and out of order for ${holdMs} ms`,
      holdMs,
      async inject({ webhooks: relay }) {
        relay.begin(seeded(seed));
        return () => relay.end();
      },
    };
  },
};
