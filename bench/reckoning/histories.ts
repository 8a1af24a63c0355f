/**
 * What happened, read from the event streams alone: every commit of a kind, folded by the kind's own `evolve`. The
 * fold is checked at every event, so that a unit that was missing for one instant only is found too.
 */
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { CommitRecord } from '../../actors/runtime/commit.ts';
import type { ActorKind, Contract, DomainEvent } from '../../actors/runtime/kind.ts';
import { parseActorSubject, streamOf } from '../../config/subjects.ts';

export type History<S, E> = {
  readonly id: string;
  readonly state: S;
  readonly events: readonly E[];
  /** Epoch ms of the last event. */
  readonly at: number;
};

/** `check` is called after every event; what it returns is a fault. */
export async function readHistories<C extends Contract, S, E extends DomainEvent, V>(
  nc: NatsConnection,
  kind: ActorKind<string, C, S, E, V>,
  faults: string[],
  check: (id: string, state: S, event: E) => string | undefined = () => undefined,
): Promise<ReadonlyMap<string, History<S, E>>> {
  const histories = new Map<string, { id: string; state: S; events: E[]; at: number; version: number }>();
  const js = jetstream(nc);
  const stream = streamOf(kind.name);
  const info = await js.jetstreamManager().then((manager) => manager.streams.info(stream));
  if (info.state.messages === 0) return histories;
  const consumer = await js.consumers.get(stream);
  const messages = await consumer.consume({ max_messages: 1_000 });
  for await (const message of messages) {
    const id = parseActorSubject(message.subject)?.id;
    if (id === undefined) throw new Error(`not an actor's subject: ${message.subject}`);
    const record = message.json<CommitRecord>();
    const history = histories.get(id) ?? { id, state: kind.initial(id), events: [], at: 0, version: 0 };
    histories.set(id, history);
    if (record.from !== history.version + 1)
      faults.push(`${message.subject}: event ${record.from} follows event ${history.version}`);
    for (const entry of record.entries) {
      for (const stored of entry.events) {
        const event = kind.upcast ? kind.upcast(stored) : (stored as E);
        history.version++;
        history.at = entry.at;
        history.events.push(event);
        history.state = kind.evolve(history.state, event, { at: entry.at, version: history.version });
        const fault = check(id, history.state, event);
        if (fault !== undefined) faults.push(`${message.subject} event ${history.version} ${event.type}: ${fault}`);
      }
    }
    if (message.info.streamSequence >= info.state.last_seq) break;
  }
  await messages.close();
  return histories;
}
