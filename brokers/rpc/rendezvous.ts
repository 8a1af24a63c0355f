/**
 * Rendezvous hashing: a key belongs to the node that scores highest for it. A node that joins takes only what it wins,
 * one that leaves gives up only what it had; nothing moves between others, and nobody has to be asked.
 */
import { hash32 } from '../../config/subjects.ts';

export function winner(nodes: readonly string[], key: string): string | undefined {
  let best: string | undefined;
  let bestScore = -1;
  for (const node of nodes) {
    const score = hash32(`${node}\0${key}`);
    // On a tie the smaller name: the same everywhere, in whatever order the nodes were heard of.
    if (score > bestScore || (score === bestScore && best !== undefined && node < best)) {
      best = node;
      bestScore = score;
    }
  }
  return best;
}

/** The owner of each of `partitions`; empty without nodes. */
export function assign(nodes: readonly string[], partitions: number): readonly string[] {
  return Array.from({ length: nodes.length === 0 ? 0 : partitions }, (_, p) => winner(nodes, `${p}`) as string);
}
