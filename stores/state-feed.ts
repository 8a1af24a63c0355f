/**
 * Every actor of a kind as its stream has it, the last state of each first and then each change as it comes, by an ordered
 * consumer of JetStream: no database, and nobody is asked. For kinds of few actors to which little happens, that every
 * gateway must know. What breaks is begun anew from the last states.
 */
import { type ConsumerMessages, DeliverPolicy, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import type { DomainEvent } from '../actors/runtime/kind.ts';
import { streamOf } from '../config/subjects.ts';
import type { EventLog } from './event-log.ts';
import { ActorStates, type ProjectedKind } from './projections/actor-states.ts';

export type StateFeedOptions<S> = {
  readonly nc: NatsConnection;
  readonly eventLog: Pick<EventLog, 'read'>;
  readonly log: Pick<Logger, 'warn'>;
  /** The same state may come again, and never an older one after a newer. */
  readonly onState: (id: string, state: S, version: number) => void;
  /** Of the log line when it breaks. */
  readonly interrupted: string;
};

export type StateFeed = { stop(): Promise<void> };

/** Without a message, at first: there may be many to read. */
const SILENT_MS = 5_000;
const BACKOFF_MS = { first: 100, most: 5_000 };

/** Resolves when all that has happened so far is known. Rejects when nothing comes for five seconds before that. */
export async function followStates<S, E extends DomainEvent>(
  kind: ProjectedKind<S, E>,
  { nc, eventLog, log, onState, interrupted }: StateFeedOptions<S>,
): Promise<StateFeed> {
  const stream = streamOf(kind.name);
  const states = new ActorStates<S, E>(kind, { eventLog, trustSnapshots: true });
  const versions = new Map<string, number>();
  let messages: ConsumerMessages | undefined;
  let stopped = false;
  const first = Promise.withResolvers<void>();
  const silence = setTimeout(() => first.reject(new Error(`stream ${stream} could not be read`)), SILENT_MS);
  const known = (): void => {
    clearTimeout(silence);
    first.resolve();
  };

  const follow = async (): Promise<void> => {
    const consumer = await jetstream(nc).consumers.get(stream, { deliver_policy: DeliverPolicy.LastPerSubject });
    const { num_pending } = await consumer.info();
    const reading = await consumer.consume();
    messages = reading;
    if (num_pending === 0) known();
    for await (const { subject, seq, data, headers, info } of reading) {
      if (info.pending > 0) silence.refresh();
      const header = (name: string): string | undefined => headers?.get(name) || undefined;
      const commit = await states.after({ subject, sequence: seq, data, header });
      if (commit !== undefined && commit.version >= (versions.get(commit.id) ?? 0)) {
        versions.set(commit.id, commit.version);
        onState(commit.id, commit.state, commit.version);
      }
      if (info.pending === 0) known();
    }
  };

  const running = (async () => {
    let backoff = BACKOFF_MS.first;
    while (!stopped) {
      const began = Date.now();
      try {
        await follow();
      } catch (err) {
        if (!stopped) log.warn({ event: interrupted, err });
      }
      if (Date.now() - began > BACKOFF_MS.most) backoff = BACKOFF_MS.first;
      if (!stopped) await new Promise((resolve) => setTimeout(resolve, backoff * (0.5 + Math.random())).unref());
      backoff = Math.min(backoff * 2, BACKOFF_MS.most);
    }
  })();

  const stop = async (): Promise<void> => {
    stopped = true;
    await messages?.close();
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, BACKOFF_MS.most).unref())]);
  };
  try {
    await first.promise;
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
