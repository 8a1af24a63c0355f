/**
 * A reactor: what follows from events, as one plain async function per event type. The runner (brokers/) reads
 * the kind's stream with a durable consumer, one actor's events in order, different actors' side by side, and
 * calls the handler of each; an event type without a handler is acknowledged as it is.
 *
 * Delivery is at least once and may stop between any two steps of a handler, so every handler is safe to run
 * again from its start: it sends commands whose ids come from the event (`commandId`), and whatever it asks of
 * the outside is idempotent too. To resolve is to be done with the event. To throw is to be called again, with
 * backoff, and after the runner's bound to be put away as a dead letter; RetryAt is no failure and not counted.
 */
import type { Instant } from '../ids.ts';
import type { DomainEvent } from './kind.ts';

export type Reaction<E extends DomainEvent, Id extends string> = {
  /** The actor whose event it is. */
  readonly id: Id;
  /** As today's code writes it: the runner has run it through the kind's `upcast`. */
  readonly event: E;
  readonly at: Instant;
  /** The event's number in its actor's history, from 1. */
  readonly version: number;
  /** The same for every delivery of this event: `<id>:<version>:<step>` (see reactionCommandId). */
  readonly commandId: (step: string) => string;
  readonly trace?: string;
};

export type Handlers<E extends DomainEvent, Id extends string> = {
  readonly [T in E['type']]?: (reaction: Reaction<Extract<E, { type: T }>, Id>) => Promise<void>;
};

export type Reactor<E extends DomainEvent, Id extends string> = {
  /** Names the durable consumer and the dead letters. */
  readonly name: string;
  /** Whose stream it reads: a KindName. */
  readonly kind: string;
  readonly on: Handlers<E, Id>;
};

/** Woken by the keys of a bucket that ran out of time (MaxAge markers), not by events. Same rules of delivery. */
export type ExpiryReactor<Key extends string> = {
  readonly name: string;
  readonly bucket: string;
  readonly expired: (key: Key) => Promise<void>;
};

export const reactionCommandId = (id: string, version: number, step: string): string => `${id}:${version}:${step}`;

/** Nothing is wrong, it is only too early: deliver again at `at` (epoch ms) or soon after. */
export class RetryAt extends Error {
  readonly code = 'retry-at';
  readonly retryable = true;
  readonly at: Instant;
  constructor(at: Instant, why: string) {
    super(why);
    this.name = 'RetryAt';
    this.at = at;
  }
}
