/**
 * What only one node should do at a time: offered to the cluster by all that can, done by the one that placement elects.
 * Nodes may disagree for a moment, so that two do it; whatever is run here must bear that.
 */
import type { Logger } from 'pino';
import type { Cluster } from '../rpc/cluster.ts';
import type { Placement } from '../rpc/placement.ts';

const AGAIN_MS = 1_000;

export type ElectedOptions = {
  /** Of the service that is offered. */
  readonly name: string;
  readonly cluster: Cluster;
  readonly placement: Placement;
  readonly log: Pick<Logger, 'info' | 'error'>;
  /** Starts a turn; the answer ends it. */
  readonly begin: () => (() => Promise<void>) | Promise<() => Promise<void>>;
};

export type Elected = {
  readonly mine: boolean;
  stop(): Promise<void>;
};

export async function runElected({ name, cluster, placement, log, begin }: ElectedOptions): Promise<Elected> {
  let end: (() => Promise<void>) | undefined;
  let leaving = false;
  let again: NodeJS.Timeout | undefined;
  let settled: Promise<void> = Promise.resolve();

  async function settle(): Promise<void> {
    const mine = !leaving && placement.elected(name) === cluster.nodeId;
    if (mine && end === undefined) {
      log.info({ event: 'turn-begins', what: name });
      end = await begin();
    } else if (!mine && end !== undefined) {
      const ending = end;
      end = undefined;
      await ending();
      log.info({ event: 'turn-ended', what: name });
    }
  }
  const change = (): Promise<void> => {
    settled = settled.then(settle).catch((err: unknown) => {
      log.error({ event: 'turn-failed', what: name, err });
      again = setTimeout(() => void change(), AGAIN_MS).unref();
    });
    return settled;
  };

  await cluster.offer({ name });
  // A node that cannot do it at its start must not start; later it tries again.
  await settle();
  cluster.onChange(() => void change());
  await change();
  return {
    get mine() {
      return end !== undefined;
    },
    async stop() {
      leaving = true;
      clearTimeout(again);
      // Ended before the next is elected, which then finds nothing of ours under way.
      await change();
      await cluster.withdraw(name);
    },
  };
}
