/**
 * What an actor kind is: data and pure functions. Everything else (mailbox, log, placement, timers, snapshots,
 * proxies, metrics) is the runtime's, written once.
 *
 * The shape is the Decider's (J. Chassaing): `decide` turns a command into events or a typed rejection, `evolve`
 * turns an event into the next state. Both are synchronous and know no clock, no I/O and no randomness.
 */
import type { Instant } from '../ids.ts';

export type DomainEvent = { readonly type: string };
export type Rejection = { readonly type: string };

/** A kind's commands, by name: what each takes, answers, and may refuse with. `rejection: never` = never refused. */
export type Contract = {
  readonly [command: string]: { readonly input: object; readonly result: unknown; readonly rejection: Rejection };
};

export type Decision<E extends DomainEvent, R, X extends Rejection> =
  | { readonly accepted: true; readonly events: readonly E[]; readonly result: R }
  | { readonly accepted: false; readonly rejection: X };

/** Accept: `events` may be empty (nothing to change; then nothing is written). `result` is kept for repeats: keep it small. */
export const accept = <E extends DomainEvent, R>(
  events: readonly E[],
  result: R,
): { readonly accepted: true; readonly events: readonly E[]; readonly result: R } => ({
  accepted: true,
  events,
  result,
});

export const reject = <X extends Rejection>(rejection: X): { readonly accepted: false; readonly rejection: X } => ({
  accepted: false,
  rejection,
});

/** `at`: when the decision was taken. `version`: this event's number in the actor's history, from 1. */
export type EventMeta = { readonly at: Instant; readonly version: number };

export type Decider<C extends Contract, S, E extends DomainEvent> = {
  readonly [K in keyof C]: (
    state: S,
    input: C[K]['input'],
    now: Instant,
  ) => Decision<E, C[K]['result'], C[K]['rejection']>;
};

/** A reminder the actor wants while in some state: the runtime sends command `remind` `{name}` at `at` or soon after. */
export type Reminder = { readonly name: string; readonly at: Instant };

export type ActorKind<Name extends string, C extends Contract, S, E extends DomainEvent, V> = {
  readonly name: Name;
  /** Version of the snapshot's shape. A snapshot of another version is ignored and the history is replayed. */
  readonly stateVersion: number;
  /** The state before the first event. It and every later state must survive JSON. */
  readonly initial: (id: string) => S;
  readonly decide: Decider<C, S, E>;
  /**
   * May reuse and change `state`'s memory: the runtime owns the state, hands it over, and drops the activation
   * if the events turn out not to be durable. (A hot SKU with thousands of holds must not copy them per sale.)
   */
  readonly evolve: (state: S, event: E, meta: EventMeta) => S;
  /** What reads and watchers answer. Must not alias memory that `evolve` changes later. */
  readonly view: (state: S, now: Instant) => V;
  /** Reads an event as stored by an older version of the code (`v` defaults to 1) as one of today's. */
  readonly upcast?: (stored: { readonly type: string; readonly v?: number }) => E;
  /** Reminders wanted in `state`. A kind with reminders has a `remind` command, harmless when moot. */
  readonly reminders?: (state: S) => readonly Reminder[];
  readonly limits?: {
    /** Commands waiting at most; one more is refused as `mailbox-full`. Default 10,000. */
    readonly mailbox?: number;
    /** How many recent command ids with their outcome the state remembers. Default 64. */
    readonly commandWindow?: number;
    /** One that nobody asked for this long leaves memory, if that is sooner than the host's own `idleMs`. */
    readonly idleMs?: number;
  };
};

// biome-ignore lint/suspicious/noExplicitAny: the one place where kinds of all types are named together
export type AnyKind = ActorKind<string, any, any, any, any>;

export type ContractOf<K> = K extends ActorKind<string, infer C, infer _S, infer _E, infer _V> ? C : never;
export type EventOf<K> = K extends ActorKind<string, infer _C, infer _S, infer E, infer _V> ? E : never;
export type StateOf<K> = K extends ActorKind<string, infer _C, infer S, infer _E, infer _V> ? S : never;
export type ViewOf<K> = K extends ActorKind<string, infer _C, infer _S, infer _E, infer V> ? V : never;
