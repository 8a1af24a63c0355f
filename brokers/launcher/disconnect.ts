/**
 * A node that was killed cannot say goodbye; the others would notice by its missing heartbeats, seconds later. The
 * launcher sees it at once and says it in its place, with Moleculer's own DISCONNECT packet (protocol 5, JSON).
 */
import { connect } from '@nats-io/transport-node';

export const MOLECULER_NAMESPACE = 'haat';

const WITHIN_MS = 2_000;

export async function announceDead(natsUrl: string, nodeId: string): Promise<void> {
  const nats = await connect({ servers: natsUrl.split(','), timeout: WITHIN_MS, reconnect: false });
  try {
    nats.publish(`MOL-${MOLECULER_NAMESPACE}.DISCONNECT`, JSON.stringify({ ver: '5', sender: nodeId }));
    await nats.flush();
  } finally {
    await nats.close();
  }
}
