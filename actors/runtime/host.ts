/** The actors of one node. Skeleton: the signatures that others build on. */
import type { EventLog } from '../../stores/event-log.ts';
import type { Instant } from '../ids.ts';
import type { CommandEnvelope, Outcome, Read, Reply } from './envelope.ts';
import type { AnyKind, Rejection } from './kind.ts';
import type { Clock, HostLimits, Reminders, RuntimeLogger, RuntimeMetrics } from './ports.ts';

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

export declare function createActorHost(options: ActorHostOptions): ActorHost;
