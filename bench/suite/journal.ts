/** How much JetStream has stored so far: what an operation writes is the difference. */
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';

export type Journal = { readonly messages: number; readonly bytes: number };

/** Stored since the start. Messages by their numbers, so that removed ones count; bytes only of what is still there. */
export async function journal(nc: NatsConnection): Promise<Journal> {
  let messages = 0;
  let bytes = 0;
  const { streams } = await jetstreamManager(nc);
  for await (const { state } of streams.list()) {
    messages += state.last_seq;
    bytes += state.bytes;
  }
  return { messages, bytes };
}
