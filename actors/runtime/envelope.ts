/** What travels between nodes. Refusals are values; only the machinery's failures become errors (in the proxy). */
import type { Instant } from '../ids.ts';
import type { Rejection } from './kind.ts';

export type CommandEnvelope = {
  readonly kind: string;
  readonly id: string;
  readonly type: string;
  readonly input: object;
  /** Unique per intent, reused by every retry: a repeat gets the first outcome. */
  readonly commandId: string;
  /** Not decided after this instant (epoch ms): the caller has given up. */
  readonly deadline: Instant;
  /** Decided only if the actor is at this version (HTTP If-Match), else `version-mismatch`. */
  readonly ifVersion?: number;
  /** W3C traceparent of the request that caused it. */
  readonly trace?: string;
};

export type Outcome<R, X extends Rejection> =
  | { readonly ok: true; readonly version: number; readonly result: R }
  | { readonly ok: false; readonly version: number; readonly rejection: X };

/** `version` 0 = no history. */
export type Read<V> = { readonly version: number; readonly view: V };

/**
 * not-owner: this node does not hold the partition (retry: placement has moved on).
 * mailbox-full: the actor has its bound of commands waiting.
 * deadline-exceeded: not decided in time; nothing was changed.
 * log-unavailable: JetStream did not answer and the outcome could not be read back yet (retry with the same id).
 * version-mismatch: `ifVersion` was given and the actor has moved on; nothing was changed.
 * leaving: the node is shutting down (retry).
 * unknown-command: no such kind or command, or an id that is no subject token (a programming or version error; do not retry).
 * command-failed: the kind's own code threw (a bug); nothing was changed; do not retry.
 */
export type FailureCode =
  | 'not-owner'
  | 'mailbox-full'
  | 'deadline-exceeded'
  | 'log-unavailable'
  | 'version-mismatch'
  | 'leaving'
  | 'unknown-command'
  | 'command-failed';

export type Failure = { readonly failure: FailureCode };
export type Reply<T> = T | Failure;

export const RETRYABLE: Readonly<Record<FailureCode, boolean>> = {
  'not-owner': true,
  'mailbox-full': true,
  'deadline-exceeded': false,
  'log-unavailable': true,
  'version-mismatch': false,
  leaving: true,
  'unknown-command': false,
  'command-failed': false,
};

/** The machinery failed; what the command asked for has not been refused, and may or may not have happened. */
export class ActorUnavailable extends Error {
  readonly code: FailureCode | 'timeout' | 'no-node';
  readonly retryable: boolean;
  constructor(code: FailureCode | 'timeout' | 'no-node', actor: string, options?: { cause?: unknown }) {
    super(`${actor}: ${code}`, options);
    this.name = 'ActorUnavailable';
    this.code = code;
    this.retryable = code === 'timeout' || code === 'no-node' || RETRYABLE[code];
  }
}
