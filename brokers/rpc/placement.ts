/** Which node holds which actor: partition → node, by rendezvous over the live nodes that offer the kind. */
import { PARTITIONS } from '../../config/subjects.ts';
import type { Cluster } from './cluster.ts';
import { assign, winner } from './rendezvous.ts';

export const actorService = (kind: string): string => `actor-${kind}`;

export type Placement = {
  /** undefined: nobody offers the kind. An array lookup. */
  ownerOf(kind: string, partition: number): string | undefined;
  /** The one node of those that offer `service` that does what only one should do. */
  elected(service: string): string | undefined;
};

/**
 * Nodes may disagree for the moment that news takes to travel. Then two may hold an actor, or none: the log refuses
 * the second writer, and callers ask again.
 */
export function createPlacement(cluster: Cluster): Placement {
  const tables = new Map<string, readonly string[]>();
  cluster.onChange(() => tables.clear());
  return {
    ownerOf(kind, partition) {
      let table = tables.get(kind);
      if (table === undefined) {
        table = assign(cluster.offering(actorService(kind)), PARTITIONS);
        tables.set(kind, table);
      }
      return table[partition];
    },
    elected: (service) => winner(cluster.offering(service), service),
  };
}
