/** Nodes of one cluster in one process, each with its own connections, hosting the runtime's test kind as `cart`. */
import { randomBytes } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ActorHandle } from '../../../actors/clients.ts';
import type { Read } from '../../../actors/runtime/envelope.ts';
import { type ActorHost, createActorHost } from '../../../actors/runtime/host.ts';
import { type TillContract, type TillState, tillKind } from '../../../actors/runtime/testing/till.ts';
import { reconcileStreams } from '../../../config/nats/reconcile.ts';
import { historyStream } from '../../../config/streams.ts';
import type { EventLog } from '../../../stores/event-log.ts';
import { connectNats } from '../../../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../../../stores/nats/jetstream-event-log.ts';
import { offerActors } from '../actor-service.ts';
import { type Cluster, joinCluster } from '../cluster.ts';
import { createPlacement, type Placement } from '../placement.ts';
import { createActors } from '../proxies.ts';

export const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };

/** Proxies exist for the real kinds only; any of their names serves. */
export const KIND = 'cart';

export type Tills = {
  (id: string): ActorHandle<TillContract>;
  read(id: string, options?: { timeoutMs?: number }): Promise<Read<TillState>>;
  watch(id: string, options: { after: number; timeoutMs: number }): Promise<Read<TillState>>;
};

export type TestNode = {
  readonly cluster: Cluster;
  readonly placement: Placement;
  readonly nc: NatsConnection;
  readonly log: EventLog;
  readonly host: ActorHost;
  readonly tills: Tills;
  /** Gracefully. */
  leave(): Promise<void>;
};

export type TestNodeOptions = {
  readonly hosts?: boolean;
  /** Overrides placement on the host: what this node believes it owns. */
  readonly owns?: (kind: string, partition: number) => boolean;
};

export async function startTestNode(natsUrl: string, name: string, options: TestNodeOptions = {}): Promise<TestNode> {
  const nodeId = `${name}-${randomBytes(3).toString('hex')}`;
  const nc = await connectNats(natsUrl, { name: nodeId, log: quiet });
  await reconcileStreams(nc, { replicas: 1, log: quiet, streams: [historyStream(KIND)], consumers: [] });
  const cluster = await joinCluster({ nodeId, natsUrl, log: quiet });
  const placement = createPlacement(cluster);
  const log = createJetStreamEventLog(nc);
  const host = createActorHost({
    log,
    kinds: [{ ...tillKind, name: KIND, reminders: () => [] }],
    owns: options.owns ?? ((kind, partition) => placement.ownerOf(kind, partition) === nodeId),
    logger: quiet,
  });
  const offered = (options.hosts ?? true) ? await offerActors(cluster, placement, host, [KIND], quiet) : undefined;
  const actors = createActors({ cluster, placement, ...(offered === undefined ? {} : { host }) });
  const carts: unknown = actors.cart;
  return {
    cluster,
    placement,
    nc,
    log,
    host,
    tills: carts as Tills,
    async leave() {
      await offered?.withdraw(5_000);
      await cluster.leave();
      await log.close();
      await nc.close();
    },
  };
}
