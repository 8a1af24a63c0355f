/** A NATS with one kind's stream, and nodes that run one reactor on it. */
import { randomBytes } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import type { CommitRecord } from '../../../actors/runtime/commit.ts';
import type { Handlers } from '../../../actors/runtime/reactor.ts';
import { reconcileStreams } from '../../../config/nats/reconcile.ts';
import { historyStream, reactorConsumer, STREAMS } from '../../../config/streams.ts';
import { subjects } from '../../../config/subjects.ts';
import { connectNats } from '../../../stores/nats/connection.ts';
import { createPublisher } from '../../../stores/nats/publisher.ts';
import { freshNats } from '../../launcher/test-servers.ts';
import { joinCluster } from '../../rpc/cluster.ts';
import { createPlacement } from '../../rpc/placement.ts';
import { quiet } from '../../rpc/testing/nodes.ts';
import type { CommitFeed } from '../commit-feed.ts';
import { type ReactorOptions, type RunningReactor, runReactor } from '../reactor.ts';
import type { Patience } from '../retries.ts';
import { eventSource } from '../source.ts';

export type Happened = { readonly type: 'Did'; readonly n: number } | { readonly type: 'Other' };

export const REACTOR = 'tries';

export async function rig() {
  const server = await freshNats();
  const nc = await connectNats(server.url, { name: 'rig', log: quiet });
  await reconcileStreams(nc, {
    replicas: 1,
    log: quiet,
    streams: [historyStream('order'), ...STREAMS.filter(({ name }) => name === 'DEAD_LETTERS' || name === 'REDRIVE')],
    consumers: [
      reactorConsumer('ORDER', REACTOR),
      reactorConsumer('REDRIVE', `${REACTOR}-redrive`, subjects.redrive(REACTOR)),
    ],
  });
  const jsm = await jetstreamManager(nc);
  const publisher = createPublisher(nc);
  const versions = new Map<string, number>();

  async function write(id: string, events: readonly Happened[]) {
    const from = (versions.get(id) ?? 0) + 1;
    versions.set(id, from + events.length - 1);
    const record: CommitRecord = { f: 1, from, entries: [{ commandId: `c${from}`, command: 'do', at: 1, events }] };
    const data = Buffer.from(JSON.stringify(record));
    const subject = subjects.actor('order', id);
    const result = await publisher.publish(subject, data);
    if (result.outcome !== 'stored') throw new Error('not stored', { cause: result });
    return { record, data, subject, sequence: result.sequence };
  }

  return {
    server,
    nc,
    jsm,
    publisher,
    /** One commit with these events. */
    async commit(id: string, ...events: readonly Happened[]): Promise<void> {
      await write(id, events);
    },
    /** The same by an actor of the node whose feed it is. */
    async commitHere(feed: CommitFeed, id: string, ...events: readonly Happened[]): Promise<void> {
      const { record, data, sequence, subject } = await write(id, events);
      const entries = record.entries.map((entry) => ({ at: 1, events: entry.events, json: JSON.stringify(entry) }));
      const { from } = record;
      feed.publish({ kind: 'order', id, subject, sequence, from, entries, state: {}, data, header: () => undefined });
    },
    unacked: async (): Promise<number> => {
      const { num_ack_pending, num_pending } = await jsm.consumers.info('ORDER', REACTOR);
      return num_ack_pending + num_pending;
    },
    node: (
      name: string,
      on: Handlers<Happened, string>,
      patience: Partial<Patience> = {},
      more: Partial<Pick<ReactorOptions, 'repeatAtMost' | 'feed'>> = {},
    ) => startNode(server.url, name, on, patience, more),
    async [Symbol.asyncDispose]() {
      publisher.close();
      await nc.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export type ReactorNode = {
  readonly reactor: RunningReactor;
  leave(): Promise<void>;
  /** Its connection goes, as in a crash; the cluster sees it leave. */
  crash(): Promise<void>;
};

async function startNode(
  url: string,
  name: string,
  on: Handlers<Happened, string>,
  patience: Partial<Patience>,
  more: Partial<Pick<ReactorOptions, 'repeatAtMost' | 'feed'>>,
): Promise<ReactorNode> {
  const nodeId = `${name}-${randomBytes(3).toString('hex')}`;
  const nc = await connectNats(url, { name: nodeId, log: quiet });
  const publisher = createPublisher(nc);
  const cluster = await joinCluster({ nodeId, natsUrl: url, log: quiet });
  const reactor = await runReactor({
    source: eventSource({ name: REACTOR, kind: 'order', on }, {}),
    nc,
    publisher,
    cluster,
    placement: createPlacement(cluster),
    log: quiet,
    patience: { firstMs: 5, mostMs: 20, ...patience },
    ...more,
  });
  return {
    reactor,
    async leave() {
      await reactor.stop();
      await cluster.leave();
      publisher.close();
      await nc.close();
    },
    async crash() {
      await nc.close();
      await cluster.leave();
    },
  };
}
