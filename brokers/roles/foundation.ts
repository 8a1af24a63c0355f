/** What every role but the simulator stands on: NATS with its streams, the cluster, and the actors as seen from here. */
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import type { Actors } from '../../actors/clients.ts';
import { type ActorHost, createActorHost } from '../../actors/runtime/host.ts';
import type { Env } from '../../config/env.ts';
import { reconcileStreams } from '../../config/nats/reconcile.ts';
import type { EventLog } from '../../stores/event-log.ts';
import { connectNats } from '../../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../../stores/nats/jetstream-event-log.ts';
import { createPublisher, type JetStreamPublisher } from '../../stores/nats/publisher.ts';
import { createReminders } from '../../stores/nats/reminders.ts';
import { CommitFeed } from '../reactors/commit-feed.ts';
import { offerActors } from '../rpc/actor-service.ts';
import { CallWatch } from '../rpc/call-figures.ts';
import { type Cluster, joinCluster } from '../rpc/cluster.ts';
import { actorService, createPlacement, type Placement } from '../rpc/placement.ts';
import { createActors } from '../rpc/proxies.ts';
import { KINDS, type KindRole } from './kinds.ts';
import { createNodeMetrics, type NodeMetrics, offerMetrics } from './metrics.ts';

export type NodeParts = {
  readonly env: Env;
  readonly log: Logger;
  readonly nodeId: string;
  readonly nc: NatsConnection;
  readonly publisher: JetStreamPublisher;
  readonly eventLog: EventLog;
  readonly cluster: Cluster;
  readonly placement: Placement;
  readonly actors: Actors;
  /** How commands of this node to actors fare. */
  readonly calls: CallWatch;
  readonly metrics: NodeMetrics;
  /** What the actors of this node commit. */
  readonly feed: CommitFeed;
  /** Called in reverse order when the node stops, and when it cannot start. */
  readonly onStop: (close: () => Promise<void> | void) => void;
};

export type FoundationOptions = Pick<NodeParts, 'env' | 'log' | 'nodeId' | 'onStop'> & {
  /** Hosted here. */
  readonly kinds: readonly KindRole[];
};

/** What waits in the mailboxes of a node that leaves is finished, for so long at most. */
const DRAIN_MS = 5_000;

export async function layFoundation({ env, log, nodeId, onStop, kinds }: FoundationOptions): Promise<NodeParts> {
  const { natsUrl, streamReplicas } = env;
  if (natsUrl === undefined) throw new Error('NATS_URL is not set');
  const nc = await connectNats(natsUrl, { name: nodeId, log });
  onStop(() => nc.close());
  await reconcileStreams(nc, { replicas: streamReplicas, log });
  // One connection for appends and reminders: what was sent first is stored first.
  const publisher = createPublisher(nc);
  onStop(() => publisher.close());
  const eventLog = createJetStreamEventLog(nc);
  onStop(() => eventLog.close());
  const cluster = await joinCluster({ nodeId, natsUrl, log });
  onStop(() => cluster.leave());
  const placement = createPlacement(cluster);
  const metrics = createNodeMetrics(nodeId);
  await offerMetrics(cluster, metrics);
  const feed = new CommitFeed((kind) => {
    const hosts = cluster.offering(actorService(kind));
    return hosts.length === 1 && hosts[0] === nodeId;
  });
  cluster.onChange(() => feed.hostsChanged());
  let host: ActorHost | undefined;
  if (kinds.length > 0) {
    host = createActorHost({
      log: eventLog,
      kinds: kinds.map((kind) => KINDS[kind]),
      owns: (kind, partition) => placement.ownerOf(kind, partition) === nodeId,
      logger: log,
      metrics: metrics.runtime,
      reminders: createReminders(publisher),
      onCommit: (commit) => feed.publish(commit),
    });
    const offered = await offerActors(cluster, placement, host, kinds, log);
    onStop(() => offered.withdraw(DRAIN_MS));
  }
  const calls = new CallWatch();
  const { observe } = calls;
  const actors = createActors({ cluster, placement, observe, ...(host === undefined ? {} : { host }) });
  return { env, log, nodeId, nc, publisher, eventLog, cluster, placement, actors, calls, metrics, feed, onStop };
}
