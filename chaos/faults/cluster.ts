/** One of three NATS servers is lost: killed, stopped, or its link is cut. The other two go on. */
import { eventually } from '../../brokers/launcher/eventually.ts';
import { type ProcessName, signal } from '../stage/processes.ts';
import type { Stage } from '../stage/stage.ts';
import type { Fault } from './fault.ts';
import { THERE_WITHIN_MS } from './kill.ts';

const SERVERS = 3;
const WAYS = ['kill', 'stop', 'cut off'] as const;

export const cluster: Fault = {
  name: 'cluster',
  plan(random) {
    const n = random.below(SERVERS);
    const way = random.of(WAYS);
    const holdMs = way === 'kill' ? 0 : 1_000 + random.below(6_000);
    const name: ProcessName = `nats-${n + 1}`;
    return {
      what:
        way === 'kill'
          ? `kill -9 ${name} of 3`
          : `${name} of 3 ${way === 'stop' ? 'stopped' : 'cut off'} for ${holdMs} ms`,
      holdMs,
      async inject(stage) {
        if (way === 'cut off') {
          const link = stage.servers?.links?.[n];
          if (link === undefined) throw new Error('no links to cut here');
          return link();
        }
        const pid = await sent(stage, name, way === 'kill' ? 'SIGKILL' : 'SIGSTOP');
        return () => void (way === 'stop' && signal(pid, 'SIGCONT'));
      },
    };
  },
};

const sent = ({ pidsOf }: Stage, name: ProcessName, what: NodeJS.Signals): Promise<number> =>
  eventually(
    () => {
      const [pid] = pidsOf(name);
      return pid !== undefined && signal(pid, what) ? pid : undefined;
    },
    { withinMs: THERE_WITHIN_MS, what: `${name} is there` },
  );
