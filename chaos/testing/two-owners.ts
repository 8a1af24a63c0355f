/**
 * Two hosts that both believe they own every actor of some kinds, as after a cut in the network. Every call goes to the
 * one or the other by chance, so that each writes behind the other's back. (Not in turn: two callers who ask again at the
 * same pace would for ever be sent to the one that does not know.)
 */

import type { CommandEnvelope } from '../../actors/runtime/envelope.ts';
import { type ActorHost, createActorHost } from '../../actors/runtime/host.ts';
import type { KindRole } from '../../brokers/roles/kinds.ts';
import { KINDS } from '../../brokers/roles/kinds.ts';
import type { ReadRequest, WatchRequest } from '../../brokers/rpc/actor-service.ts';
import { createActors } from '../../brokers/rpc/proxies.ts';
import { seeded } from '../random.ts';
import type { TestSystem } from '../system.ts';

const OWNERS = ['one', 'other'] as const;

export type Owner = { readonly host: ActorHost; readonly appends: { made: number; refused: number } };

/** With a connection of its own: nothing of what another knows is seen. */
export async function ownerOf(system: TestSystem, kinds: readonly KindRole[]): Promise<Owner> {
  const { eventLog, log: logger } = await system.join();
  const appends = { made: 0, refused: 0 };
  const host = createActorHost({
    log: {
      async append(...commit) {
        const result = await eventLog.append(...commit);
        if (result.outcome === 'conflict') appends.refused++;
        else appends.made++;
        return result;
      },
      last: (...of) => eventLog.last(...of),
      read: (...of) => eventLog.read(...of),
      close: () => eventLog.close(),
    },
    kinds: kinds.map((kind) => KINDS[kind]),
    owns: () => true,
    logger,
  });
  return { host, appends };
}

export async function twoOwners(system: TestSystem, kinds: readonly KindRole[]) {
  const [one, other] = [await ownerOf(system, kinds), await ownerOf(system, kinds)];
  const { of } = seeded(1);
  const actors = createActors({
    placement: { ownerOf: () => of(OWNERS) },
    cluster: {
      nodeId: 'nobody',
      async call(node, action, params) {
        const { host } = node === 'one' ? one : other;
        const [service = '', method] = action.split('.');
        if (method === 'command') return host.command(params as CommandEnvelope);
        const kind = service.replace('actor-', '');
        const { id, deadline } = params as ReadRequest;
        if (method === 'read') return host.read(kind, id, deadline);
        return host.watch(kind, id, (params as WatchRequest).after, deadline);
      },
    },
  });
  return { owners: [one, other] as const, actors };
}
