/**
 * A node's actors, offered to the cluster: a Moleculer service per kind whose answers are the host's, failures
 * included. Offered only when the host can serve; taken back before it stops, so that others ask elsewhere.
 */
import type { Context, ServiceSchema } from 'moleculer';
import type { Logger } from 'pino';
import type { Instant } from '../../actors/ids.ts';
import type { CommandEnvelope } from '../../actors/runtime/envelope.ts';
import type { ActorHost } from '../../actors/runtime/host.ts';
import type { Cluster } from './cluster.ts';
import { actorService, type Placement } from './placement.ts';

export type ReadRequest = { readonly id: string; readonly deadline: Instant };
export type WatchRequest = ReadRequest & { readonly after: number };

const service = (host: ActorHost, kind: string): ServiceSchema => ({
  name: actorService(kind),
  actions: {
    command: (ctx: Context<CommandEnvelope>) => host.command(ctx.params),
    read: ({ params }: Context<ReadRequest>) => host.read(kind, params.id, params.deadline),
    watch: ({ params }: Context<WatchRequest>) => host.watch(kind, params.id, params.after, params.deadline),
  },
});

export type OfferedActors = {
  /** Others take over first; then what is under way here is finished, for `graceMs` at most. */
  withdraw(graceMs: number): Promise<void>;
};

export async function offerActors(
  cluster: Cluster,
  placement: Placement,
  host: ActorHost,
  kinds: readonly string[],
  log: Pick<Logger, 'warn'>,
): Promise<OfferedActors> {
  cluster.onChange(() => {
    host
      .release((kind, partition) => placement.ownerOf(kind, partition) !== cluster.nodeId)
      .catch((err: unknown) => log.warn({ event: 'actors-not-released', err }));
  });
  await Promise.all(kinds.map((kind) => cluster.offer(service(host, kind))));
  return {
    async withdraw(graceMs) {
      await Promise.all(kinds.map((kind) => cluster.withdraw(actorService(kind))));
      await host.stop(graceMs);
    },
  };
}
