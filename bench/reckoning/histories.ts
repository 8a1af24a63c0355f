/**
 * What happened, read from the event streams alone: every commit of a kind, folded by the kind's own `evolve`. The
 * fold is checked at every event, so that a unit that was missing for one instant only is found too.
 */
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
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
  check?: (id: string, state: S, event: E) => string | undefined,
): Promise<ReadonlyMap<string, History<S, E>>> {
  const histories = new Histories(kind, faults, check);
  await histories.catchUp(nc);
  return histories.all;
}

type Growing<S, E> = { id: string; state: S; events: E[]; at: number; version: number };

/** All histories of a kind, as far as they have been read. */
export class Histories<C extends Contract, S, E extends DomainEvent, V> {
  readonly #kind: ActorKind<string, C, S, E, V>;
  readonly #faults: string[];
  readonly #check: (id: string, state: S, event: E) => string | undefined;
  readonly #histories = new Map<string, Growing<S, E>>();
  #sequence = 0;

  constructor(
    kind: ActorKind<string, C, S, E, V>,
    faults: string[],
    check: (id: string, state: S, event: E) => string | undefined = () => undefined,
  ) {
    this.#kind = kind;
    this.#faults = faults;
    this.#check = check;
  }

  get all(): ReadonlyMap<string, History<S, E>> {
    return this.#histories;
  }

  /** To where the stream ends now. */
  async catchUp(nc: NatsConnection): Promise<void> {
    const js = jetstream(nc);
    const stream = streamOf(this.#kind.name);
    const { state } = await js.jetstreamManager().then((manager) => manager.streams.info(stream));
    if (state.last_seq < this.#sequence)
      this.#faults.push(`${stream} ends at ${state.last_seq}, and had ${this.#sequence}`);
    if (state.messages === 0 || state.last_seq <= this.#sequence) return;
    const from = Math.max(this.#sequence + 1, state.first_seq);
    const consumer = await js.consumers.get(stream, {
      opt_start_seq: from,
      deliver_policy: DeliverPolicy.StartSequence,
    });
    const messages = await consumer.consume({ max_messages: 1_000 });
    for await (const message of messages) {
      this.#take(message.subject, message.json<CommitRecord>());
      this.#sequence = message.info.streamSequence;
      if (this.#sequence >= state.last_seq) break;
    }
    await messages.close();
  }

  #take(subject: string, record: CommitRecord): void {
    const kind = this.#kind;
    const id = parseActorSubject(subject)?.id;
    if (id === undefined) throw new Error(`not an actor's subject: ${subject}`);
    const history = this.#histories.get(id) ?? { id, state: kind.initial(id), events: [], at: 0, version: 0 };
    this.#histories.set(id, history);
    if (record.from !== history.version + 1)
      this.#faults.push(`${subject}: event ${record.from} follows event ${history.version}`);
    for (const entry of record.entries) {
      for (const stored of entry.events) {
        const event = kind.upcast ? kind.upcast(stored) : (stored as E);
        history.version++;
        history.at = entry.at;
        history.events.push(event);
        history.state = kind.evolve(history.state, event, { at: entry.at, version: history.version });
        const fault = this.#check(id, history.state, event);
        if (fault !== undefined) this.#faults.push(`${subject} event ${history.version} ${event.type}: ${fault}`);
      }
    }
  }
}
