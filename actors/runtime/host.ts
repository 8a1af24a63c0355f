/**
 * The actors of one node. A message finds its actor's activation here, or makes one:
 * host → mailbox → activation → turn (decide, evolve) → journal (append) → answer.
 */
import { isToken, partitionOf, streamOf, subjects } from '../../config/subjects.ts';
import type { EventLog } from '../../stores/event-log.ts';
import type { Instant } from '../ids.ts';
import { Activation } from './activation/activation.ts';
import { type ActorSystem, complaints, noMetrics, noReminders } from './activation/actor-system.ts';
import { Passivation } from './activation/passivation.ts';
import type { LiveCommit } from './commit.ts';
import type { CommandEnvelope, Failure, FailureCode, Outcome, Read, Reply } from './envelope.ts';
import type { AnyKind, Rejection } from './kind.ts';
import {
  type Clock,
  DEFAULT_LIMITS,
  type HostLimits,
  type Reminders,
  type RuntimeLogger,
  type RuntimeMetrics,
  systemClock,
} from './ports.ts';

export type ActorHostOptions = {
  readonly log: EventLog;
  readonly kinds: readonly AnyKind[];
  /** Asked for every message; cheap. False: answered `not-owner`. */
  readonly owns: (kind: string, partition: number) => boolean;
  readonly logger: RuntimeLogger;
  readonly clock?: Clock;
  readonly reminders?: Reminders;
  readonly metrics?: RuntimeMetrics;
  readonly limits?: Partial<HostLimits>;
  /** Every commit of this host, in the order in which the log has acknowledged them. Must not throw. */
  readonly onCommit?: (commit: LiveCommit) => void;
};

export type HostStats = {
  readonly activations: number;
  readonly approximateBytes: number;
  /** Messages waiting in mailboxes. */
  readonly waiting: number;
  readonly watchers: number;
};

/** Failures are values; none of these reject. */
export type ActorHost = {
  command(envelope: CommandEnvelope): Promise<Reply<Outcome<unknown, Rejection>>>;
  read(kind: string, id: string, deadline: Instant): Promise<Reply<Read<unknown>>>;
  /** Answers once the version is above `after`, or at `deadline` with the state as it is. */
  watch(kind: string, id: string, after: number, deadline: Instant): Promise<Reply<Read<unknown>>>;
  /** Finishes what waits in the mailboxes of the partitions given up, then drops those actors. */
  release(givenUp: (kind: string, partition: number) => boolean): Promise<void>;
  /** New messages are answered `leaving`; what waits is finished, for `graceMs` at most. */
  stop(graceMs: number): Promise<void>;
  stats(): HostStats;
};

export const createActorHost = (options: ActorHostOptions): ActorHost => new Host(options);

/** The activations of one kind. */
type Shelf = { readonly kind: AnyKind; readonly stream: string; readonly activations: Map<string, Activation> };

class Host implements ActorHost {
  readonly #system: ActorSystem;
  readonly #owns: ActorHostOptions['owns'];
  readonly #shelves: ReadonlyMap<string, Shelf>;
  readonly #passivation: Passivation;
  #stopping = false;

  constructor(options: ActorHostOptions) {
    const { log, kinds, owns, logger, clock = systemClock, reminders = noReminders, metrics = noMetrics } = options;
    this.#owns = owns;
    this.#system = {
      log,
      clock,
      reminders,
      metrics,
      logger,
      complain: complaints(clock, logger),
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      gauges: { approximateBytes: 0, waiting: 0, watchers: 0 },
      onCommit: options.onCommit,
    };
    this.#shelves = new Map(
      kinds.map((kind) => [kind.name, { kind, stream: streamOf(kind.name), activations: new Map() }]),
    );
    this.#passivation = new Passivation(this.#system, [...this.#shelves.values()]);
  }

  command(envelope: CommandEnvelope): Promise<Reply<Outcome<unknown, Rejection>>> {
    const { kind, id, type } = envelope;
    const activation = this.#find(kind, id);
    if ('failure' in activation) return Promise.resolve(activation);
    // hasOwn: `constructor` and its like are no commands.
    if (!Object.hasOwn(activation.place.kind.decide, type)) return failed('unknown-command');
    return new Promise((answer) => {
      activation.deliver({ type: 'command', envelope, answer, reply: undefined, poisoned: false });
    });
  }

  read(kind: string, id: string, deadline: Instant): Promise<Reply<Read<unknown>>> {
    const activation = this.#find(kind, id);
    if ('failure' in activation) return Promise.resolve(activation);
    const seen = activation.glance();
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((answer) => {
      activation.deliver({ type: 'read', deadline, answer });
    });
  }

  watch(kind: string, id: string, after: number, deadline: Instant): Promise<Reply<Read<unknown>>> {
    const activation = this.#find(kind, id);
    if ('failure' in activation) return Promise.resolve(activation);
    const seen = activation.glance(after);
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((answer) => {
      activation.deliver({ type: 'watch', after, deadline, answer });
    });
  }

  async release(givenUp: (kind: string, partition: number) => boolean): Promise<void> {
    const leaving: Promise<void>[] = [];
    for (const { kind, activations } of this.#shelves.values()) {
      for (const [id, activation] of activations) {
        if (!givenUp(kind.name, activation.partition)) continue;
        leaving.push(activation.retire('not-owner').then(() => remove(activations, id, activation)));
      }
    }
    await Promise.all(leaving);
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#passivation.stop();
    const activations = this.#maps().flatMap((shelf) => [...shelf.values()]);
    const drained = Promise.all(activations.map((activation) => activation.retire('leaving')));
    let cancel = (): void => {};
    const grace = new Promise<void>((resolve) => {
      cancel = this.#system.clock.after(graceMs, resolve);
    });
    await Promise.race([drained, grace]);
    cancel();
    for (const activation of activations) activation.abandon('leaving');
    for (const shelf of this.#maps()) shelf.clear();
  }

  stats(): HostStats {
    let activations = 0;
    for (const shelf of this.#maps()) activations += shelf.size;
    return { activations, ...this.#system.gauges };
  }

  #maps(): Map<string, Activation>[] {
    return [...this.#shelves.values()].map(({ activations }) => activations);
  }

  #find(kind: string, id: string): Activation | Failure {
    if (this.#stopping) return { failure: 'leaving' };
    const shelf = this.#shelves.get(kind);
    if (shelf === undefined) return { failure: 'unknown-command' };
    const present = shelf.activations.get(id);
    if (present !== undefined) return this.#owns(kind, present.partition) ? present : { failure: 'not-owner' };
    // Ids become part of a subject: a dot or a wildcard in one would reach other actors' histories.
    if (!isToken(id)) return { failure: 'unknown-command' };
    const partition = partitionOf(id);
    if (!this.#owns(kind, partition)) return { failure: 'not-owner' };
    this.#passivation.makeRoom();
    const place = { kind: shelf.kind, id, stream: shelf.stream, subject: subjects.actor(kind, id) };
    const activation = new Activation(this.#system, place, partition);
    shelf.activations.set(id, activation);
    return activation;
  }
}

const failed = (failure: FailureCode): Promise<Failure> => Promise.resolve({ failure });

function remove(activations: Map<string, Activation>, id: string, activation: Activation): void {
  activation.forgotten();
  if (activations.get(id) === activation) activations.delete(id);
}
