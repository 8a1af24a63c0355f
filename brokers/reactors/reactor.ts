/**
 * A reactor on this node, run while this node is the one elected among those that offer it. When the elected node
 * leaves it gives its messages back first; when it dies, the next takes over what it had within the ack wait.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import type { JetStreamPublisher } from '../../stores/nats/publisher.ts';
import type { Cluster } from '../rpc/cluster.ts';
import type { Placement } from '../rpc/placement.ts';
import type { CommitFeed } from './commit-feed.ts';
import { asMessage, redriveSource } from './dead-letters.ts';
import { runElected } from './elected.ts';
import { Lanes } from './lanes.ts';
import { PATIENCE, type Patience } from './retries.ts';
import { Session } from './session.ts';
import type { Source } from './source.ts';

export type ReactorOptions = {
  readonly source: Source;
  readonly nc: NatsConnection;
  readonly publisher: Pick<JetStreamPublisher, 'publish'>;
  readonly cluster: Cluster;
  readonly placement: Placement;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Lanes (actors) worked on at the same time. Default 256. */
  readonly concurrency?: number;
  readonly patience?: Partial<Patience>;
  /** See SessionOptions. */
  readonly repeatAtMost?: number;
  readonly feed?: CommitFeed;
};

export type RunningReactor = {
  /** Messages in this node's hands. */
  readonly held: number;
  readonly reading: boolean;
  stop(): Promise<void>;
};

const GRACE_MS = 5_000;

export async function runReactor(options: ReactorOptions): Promise<RunningReactor> {
  const { source, nc, cluster, placement, log, concurrency = 256 } = options;
  const jsm = await jetstreamManager(nc);
  let sessions: readonly Session[] = [];

  const begin = (): (() => Promise<void>) => {
    const lanes = new Lanes(concurrency);
    const shared = { ...options, jsm, lanes, patience: { ...PATIENCE, ...options.patience } };
    const back = {
      source: redriveSource(source),
      stream: 'REDRIVE',
      consumer: `${source.name}-redrive`,
      original: asMessage,
    };
    const turn = [
      new Session({ ...shared, stream: source.stream, consumer: source.name }),
      new Session({ ...shared, ...back }),
    ];
    sessions = turn;
    return async () => {
      for (const session of turn) session.close();
      await lanes.stop(GRACE_MS);
      await Promise.all(turn.map((session) => session.giveBack()));
      sessions = [];
      // What is given back must be known before the next reader asks. A connection that is gone gives back by itself.
      await nc.flush().catch(() => undefined);
    };
  };

  const elected = await runElected({ name: `reactor-${source.name}`, cluster, placement, log, begin });
  return {
    get held() {
      return sessions.reduce((sum, { held }) => sum + held, 0);
    },
    get reading() {
      return elected.mine;
    },
    stop: () => elected.stop(),
  };
}
