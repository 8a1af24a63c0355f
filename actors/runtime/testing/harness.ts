/**
 * Hosts over one event log in memory, with a virtual clock and the faults of a network:
 *
 *   const world = harness(tillKind);
 *   const node = world.node({ onAppend: faults('lost-landed') });
 *   const paid = node.send('till-1', 'pay', { amount: 5 });
 *   …
 *   world.commands('till-1')   // every accepted command of the actor's history, once per time that it is there
 */
import { subjects } from '../../../config/subjects.ts';
import type { Instant } from '../../ids.ts';
import type { CommitEntry, CommitRecord } from '../commit.ts';
import { decodeCommit } from '../commit-encoding.ts';
import type { CommandEnvelope, Outcome, Read, Reply } from '../envelope.ts';
import { type ActorHost, createActorHost } from '../host.ts';
import type { ActorKind, Contract, DomainEvent } from '../kind.ts';
import type { Clock, HostLimits, ReminderAddress, Reminders, RuntimeLogger } from '../ports.ts';
import { type LogFault, type LogFaults, MemoryLog } from './memory-log.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';

export const silent: RuntimeLogger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** These faults, one an append; then none. */
export const faults = (...sequence: readonly (LogFault | undefined)[]): (() => LogFault | undefined) => {
  const left = [...sequence];
  return () => left.shift();
};

export type NodeOptions = LogFaults & {
  readonly clock?: Clock;
  readonly limits?: Partial<HostLimits>;
  readonly owns?: (kind: string, partition: number) => boolean;
  readonly logger?: RuntimeLogger;
};

export type SendOptions = Partial<Pick<CommandEnvelope, 'commandId' | 'deadline' | 'ifVersion' | 'trace'>>;

export type TestNode<C extends Contract, V> = {
  readonly host: ActorHost;
  send<K extends keyof C & string>(
    id: string,
    command: K,
    input: C[K]['input'],
    options?: SendOptions,
  ): Promise<Reply<Outcome<C[K]['result'], C[K]['rejection']>>>;
  read(id: string): Promise<Reply<Read<V>>>;
  watch(id: string, after: number, deadline: Instant): Promise<Reply<Read<V>>>;
};

export type Harness<C extends Contract, V> = {
  readonly log: MemoryLog;
  readonly clock: VirtualClock;
  /** Scheduled and not cancelled. */
  readonly reminders: Map<string, ReminderAddress & { readonly at: Instant }>;
  /** While true, no reminder can be scheduled. */
  remindersFail: boolean;
  /** Another host over the same log. */
  node(options?: NodeOptions): TestNode<C, V>;
  commits(id: string): readonly CommitRecord[];
  commands(id: string): readonly CommitEntry[];
};

const PATIENCE_MS = 5_000;

export function harness<C extends Contract, S, E extends DomainEvent, V>(
  kind: ActorKind<string, C, S, E, V>,
): Harness<C, V> {
  const log = new MemoryLog();
  const clock = virtualClock();
  const scheduled = new Map<string, ReminderAddress & { readonly at: Instant }>();
  const reminders: Reminders = {
    schedule: async (reminder) => {
      if (world.remindersFail) throw new Error('no reminders');
      scheduled.set(`${reminder.id}/${reminder.name}`, reminder);
    },
    cancel: async ({ id, name }) => {
      scheduled.delete(`${id}/${name}`);
    },
  };
  let commandNumber = 0;
  const commits = (id: string): readonly CommitRecord[] =>
    log.history(subjects.actor(kind.name, id)).map(({ data }) => decodeCommit(data));
  const node = (options: NodeOptions = {}): TestNode<C, V> => {
    const host = createActorHost({
      log: log.connect(options),
      kinds: [kind],
      owns: options.owns ?? (() => true),
      clock: options.clock ?? clock,
      reminders,
      logger: options.logger ?? silent,
      limits: options.limits ?? {},
    });
    return {
      host,
      // The host answers what the kind's own functions gave: these casts name what they are.
      send: (id, type, input, sent = {}) =>
        host.command({
          kind: kind.name,
          id,
          type,
          input,
          commandId: `command-${++commandNumber}`,
          deadline: (options.clock ?? clock).now() + PATIENCE_MS,
          ...sent,
        }) as ReturnType<TestNode<C, V>['send']>,
      read: (id) => host.read(kind.name, id, (options.clock ?? clock).now() + PATIENCE_MS) as Promise<Reply<Read<V>>>,
      watch: (id, after, deadline) => host.watch(kind.name, id, after, deadline) as Promise<Reply<Read<V>>>,
    };
  };
  const world: Harness<C, V> = {
    log,
    clock,
    reminders: scheduled,
    remindersFail: false,
    node,
    commits,
    commands: (id) => commits(id).flatMap(({ entries }) => entries),
  };
  return world;
}
