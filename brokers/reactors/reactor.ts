/**
 * A reactor on this node: offered to the cluster, and run while this node is the one elected among those that offer it.
 * When the elected node leaves it gives its messages back first; when it dies, the next takes over what it had within
 * the ack wait.
 */
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import type { JetStreamPublisher } from '../../stores/nats/publisher.ts';
import type { Cluster } from '../rpc/cluster.ts';
import type { Placement } from '../rpc/placement.ts';
import { asMessage, type DeadLetter, redriveSource } from './dead-letters.ts';
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
};

export type RunningReactor = {
  /** Messages in this node's hands. */
  readonly held: number;
  readonly reading: boolean;
  stop(): Promise<void>;
};

const GRACE_MS = 5_000;

type Turn = { readonly lanes: Lanes; readonly sessions: readonly Session[] };

export async function runReactor(options: ReactorOptions): Promise<RunningReactor> {
  const { source, cluster, placement, log, nc } = options;
  const service = `reactor-${source.name}`;
  const jsm = await jetstreamManager(nc);
  let turn: Turn | undefined;
  let leaving = false;
  let settled: Promise<void> = Promise.resolve();

  const begin = (): Turn => {
    const lanes = new Lanes(options.concurrency ?? 256);
    const shared = { ...options, jsm, lanes, patience: { ...PATIENCE, ...options.patience } };
    const main = new Session({ ...shared, stream: source.stream, consumer: source.name });
    const back = new Session({
      ...shared,
      source: redriveSource(source),
      stream: 'REDRIVE',
      consumer: `${source.name}-redrive`,
      original: ({ data }) => asMessage(JSON.parse(Buffer.from(data).toString()) as DeadLetter),
    });
    return { lanes, sessions: [main, back] };
  };

  const end = async ({ lanes, sessions }: Turn): Promise<void> => {
    for (const session of sessions) session.close();
    await lanes.stop(GRACE_MS);
    for (const session of sessions) session.giveBack();
    await nc.flush().catch(() => undefined);
  };

  async function settle(): Promise<void> {
    const mine = !leaving && placement.elected(service) === cluster.nodeId;
    if (mine && turn === undefined) {
      turn = begin();
    } else if (!mine && turn !== undefined) {
      const ending = turn;
      turn = undefined;
      log.info({ event: 'reactor-resting', reactor: source.name });
      await end(ending);
    }
  }
  const change = (): Promise<void> => {
    settled = settled.then(settle).catch((err: unknown) => log.error({ event: 'reactor-not-settled', err }));
    return settled;
  };

  cluster.onChange(() => void change());
  await cluster.offer({ name: service });
  await change();
  return {
    get held() {
      return turn?.sessions.reduce((sum, { held }) => sum + held, 0) ?? 0;
    },
    get reading() {
      return turn !== undefined;
    },
    async stop() {
      leaving = true;
      // Given back before the next is elected: it then need not wait for what this one had.
      await change();
      await cluster.withdraw(service);
    },
  };
}
