/** Where an actor lives now, and what is claimed for it: asked of the cluster and of the bucket. */

import type { Logger } from 'pino';
import { subjects } from '../../config/subjects.ts';
import type { EventLog } from '../../stores/event-log.ts';
import { type Cluster, joinCluster } from '../rpc/cluster.ts';
import { actorService, createPlacement } from '../rpc/placement.ts';

export type Whereabouts = {
  /** undefined: no node offers the kind. */
  readonly owner: string | undefined;
  readonly nodes: readonly string[];
};

const HEARD_WITHIN_MS = 2_000;

/** Joins for a moment, as a node without roles: who is there says so at once. */
export async function findOwner(
  options: { readonly natsUrl: string; readonly nodeId: string; readonly log: Logger },
  kind: string,
  partition: number,
): Promise<Whereabouts> {
  const cluster = await joinCluster(options);
  try {
    await heard(cluster, actorService(kind));
    return {
      owner: createPlacement(cluster).ownerOf(kind, partition),
      nodes: cluster.offering(actorService(kind)),
    };
  } finally {
    await cluster.leave();
  }
}

async function heard(cluster: Cluster, service: string): Promise<void> {
  const end = performance.now() + HEARD_WITHIN_MS;
  while (cluster.offering(service).length === 0 && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20));
  // Others may be a moment behind the first.
  await new Promise((resolve) => setTimeout(resolve, 100));
}

export type Claim = { readonly claimedAt: number; readonly sequence: number; readonly ttl: string | undefined };

/** The claim on a checkout that is still open; undefined: none, or it was cleared, or its time is over. */
export async function openReservation(log: Pick<EventLog, 'last'>, orderId: string): Promise<Claim | undefined> {
  const last = await log.last('KV_reservations', subjects.kv('reservations', orderId));
  if (last === undefined || last.header('KV-Operation') !== undefined) return undefined;
  if (last.header('Nats-Marker-Reason') !== undefined) return undefined;
  return { claimedAt: last.time, sequence: last.sequence, ttl: last.header('Nats-TTL') };
}
