/** What the runtime needs from outside besides the event log. Production wires the real ones, tests virtual ones. */
import type { Logger } from 'pino';
import type { Instant } from '../ids.ts';

export type Clock = {
  now(): Instant;
  /** Calls `fire` once after `ms`; the answer cancels it. Never keeps the process alive. */
  after(ms: number, fire: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** A reminder's address: one per actor and name. Scheduling it again moves it. */
export type ReminderAddress = { readonly kind: string; readonly id: string; readonly name: string };

/**
 * Durable wake-ups. `schedule` resolves once it is stored and rejects if that is not known. When the time has
 * come (at once if it has passed), command `remind {name}` is sent to the actor, at least once.
 * The runtime calls `schedule` before it appends the commit that wants it; an adapter that sends at once on the
 * event log's own connection therefore never loses a reminder whose commit was stored.
 */
export type Reminders = {
  schedule(reminder: ReminderAddress & { readonly at: Instant }): Promise<void>;
  /** Best effort: a reminder that fires though nobody wants it is refused as moot by the actor. */
  cancel(reminder: ReminderAddress): Promise<void>;
};

/** `kind` is the only label, so that the number of series stays small. */
export type RuntimeMetrics = {
  /** Adds to a counter. */
  count(name: RuntimeCounter, kind: string, by: number): void;
  /** Records one value in a histogram. */
  observe(name: RuntimeHistogram, kind: string, value: number): void;
};

export type RuntimeCounter =
  | 'commands'
  | 'rejections'
  | 'failures'
  | 'commits'
  | 'conflicts'
  | 'unknown-acks'
  | 'loads'
  | 'passivations'
  | 'poisoned';

/** turn-ms: from taking the mailbox to answering. batch: commands in one commit. load-ms: cold load. */
export type RuntimeHistogram = 'turn-ms' | 'batch' | 'load-ms';

export type RuntimeLogger = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export type HostLimits = {
  /** Commands decided in one commit at most. Default 1,024. */
  readonly turn: number;
  /** Bytes of one commit at most; the log's own bound holds too. Default 7 MiB. */
  readonly commitBytes: number;
  /** Up to this size the state travels in every commit. Default 512. */
  readonly smallSnapshotBytes: number;
  /** An actor that nobody asked for this long leaves memory. Default 60 s. */
  readonly idleMs: number;
  /** Approximate bytes of state in memory; above it the least recently used actors leave. Default 512 MiB. */
  readonly memoryBytes: number;
  /** Times that one turn is tried again after a conflict or an unanswered append. Default 8. */
  readonly attempts: number;
};

export const DEFAULT_LIMITS: HostLimits = {
  turn: 1_024,
  commitBytes: 7 * 1_024 * 1_024,
  smallSnapshotBytes: 512,
  idleMs: 60_000,
  memoryBytes: 512 * 1_024 * 1_024,
  attempts: 8,
};
