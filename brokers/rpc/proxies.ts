/**
 * `Actors` of actors/clients.ts: calls that find their actor. The owner is looked up for every attempt; what can be
 * tried again is, with the same command id, until the caller's time is over. So a command is decided once, however
 * often it had to be sent, and a node that leaves, dies or is full costs its callers time only.
 */
import { randomBytes } from 'node:crypto';
import type { Actors, CallOptions } from '../../actors/clients.ts';
import {
  ActorUnavailable,
  type CommandEnvelope,
  type Failure,
  type FailureCode,
  type Outcome,
  RETRYABLE,
  type Read,
  type Reply,
} from '../../actors/runtime/envelope.ts';
import type { ActorHost } from '../../actors/runtime/host.ts';
import type { Rejection } from '../../actors/runtime/kind.ts';
import { ACTOR_KINDS, partitionOf } from '../../config/subjects.ts';
import type { ReadRequest, WatchRequest } from './actor-service.ts';
import type { CallObserver } from './call-figures.ts';
import type { Cluster } from './cluster.ts';
import { actorService, type Placement } from './placement.ts';

export type ProxyOptions = {
  readonly cluster: Pick<Cluster, 'nodeId' | 'call'>;
  readonly placement: Pick<Placement, 'ownerOf'>;
  /** This node's own actors, if it has any: asked directly. */
  readonly host?: ActorHost;
  /** Told of every command, with all its tries. */
  readonly observe?: CallObserver;
};

const DEFAULT_TIMEOUT_MS = 5_000;
/** A first attempt waits no longer: its node may be dead without anybody knowing. Each further one twice as long. */
const FIRST_ATTEMPT_MS = 1_500;
/** A watch asks anew this often, so that it does not hang on a node that died silently. */
const WATCH_SLICE_MS = 5_000;
const RETRY_MS = { least: 5, most: 250, full: 150 };

type Lost = { readonly failure: 'timeout' | 'no-node'; readonly cause?: unknown };
type Attempt<T> = Reply<T> | Lost;

export function createActors(options: ProxyOptions): Actors {
  const { cluster, placement, host, observe } = options;
  const prefix = randomBytes(9).toString('base64url');
  let commands = 0;

  /** Local or remote; never rejects but for what no retry can mend. */
  function attempt<T>(
    kind: string,
    id: string,
    deadline: number,
    patience: number,
    ask: { local: (host: ActorHost) => Promise<Reply<T>>; action: string; params: object },
  ): Promise<Attempt<T>> {
    const owner = placement.ownerOf(kind, partitionOf(id));
    if (owner === undefined) return Promise.resolve({ failure: 'no-node' });
    const left = deadline - Date.now();
    if (owner === cluster.nodeId && host !== undefined) return within(ask.local(host), left);
    const answer = cluster.call(owner, `${actorService(kind)}.${ask.action}`, ask.params, Math.min(left, patience));
    // What a node of this version answers is what its host gave: the cast names it.
    return (answer as Promise<Reply<T>>).catch((cause: unknown) => lost(kind, id, cause));
  }

  async function persist<T>(
    kind: string,
    id: string,
    deadline: number,
    ask: Parameters<typeof attempt<T>>[4],
  ): Promise<T> {
    let patience = FIRST_ATTEMPT_MS;
    for (let attempts = 0; ; attempts++) {
      const answer = await attempt<T>(kind, id, deadline, patience, ask);
      if (!isFailure(answer)) return answer;
      const { failure } = answer;
      const pause = pauseBefore(attempts, failure);
      if ((isCode(failure) && !RETRYABLE[failure]) || Date.now() + pause >= deadline) {
        throw new ActorUnavailable(failure, `${kind}/${id}`, 'cause' in answer ? { cause: answer.cause } : {});
      }
      if (failure === 'timeout') patience *= 2;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  function send(kind: string, id: string, type: string, input: object, call: CallOptions = {}): Promise<unknown> {
    const {
      commandId = `${prefix}-${(++commands).toString(36)}`,
      timeoutMs = DEFAULT_TIMEOUT_MS,
      ifVersion,
      trace,
    } = call;
    const deadline = Date.now() + timeoutMs;
    const envelope: CommandEnvelope = {
      kind,
      id,
      type,
      input,
      commandId,
      deadline,
      ...(ifVersion === undefined ? {} : { ifVersion }),
      ...(trace === undefined ? {} : { trace }),
    };
    const sent = persist<Outcome<unknown, Rejection>>(kind, id, deadline, {
      local: (own) => own.command(envelope),
      action: 'command',
      params: envelope,
    });
    return observe === undefined ? sent : observed(sent, observe);
  }

  function read(kind: string, id: string, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<Read<unknown>> {
    const deadline = Date.now() + timeoutMs;
    const params: ReadRequest = { id, deadline };
    return persist(kind, id, deadline, { local: (own) => own.read(kind, id, deadline), action: 'read', params });
  }

  async function watch(kind: string, id: string, after: number, timeoutMs: number): Promise<Read<unknown>> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const until = Math.min(end, Date.now() + WATCH_SLICE_MS);
      const params: WatchRequest = { id, after, deadline: until };
      // The answer to a watch comes at its deadline at the latest, and then has to travel.
      const state = await persist<Read<unknown>>(kind, id, end + FIRST_ATTEMPT_MS, {
        local: (own) => own.watch(kind, id, after, until),
        action: 'watch',
        params,
      });
      if (state.version > after || Date.now() >= end) return state;
    }
  }

  const client = (kind: string): object =>
    Object.assign(
      (id: string) =>
        new Proxy(NO_METHODS, {
          get: (_, command) =>
            // Awaited by mistake, a handle must not look like a promise.
            typeof command !== 'string' || command === 'then'
              ? undefined
              : (input: object, call?: CallOptions) => send(kind, id, command, input, call),
        }),
      {
        read: (id: string, { timeoutMs }: { timeoutMs?: number } = {}) => read(kind, id, timeoutMs),
        watch: (id: string, { after, timeoutMs }: { after: number; timeoutMs: number }) =>
          watch(kind, id, after, timeoutMs),
      },
    );
  // Every command of every kind goes the same way; its type is what the callers' compiler knows.
  return Object.fromEntries(ACTOR_KINDS.map((kind) => [kind, client(kind)])) as Actors;
}

async function observed<T>(sent: Promise<T>, observe: CallObserver): Promise<T> {
  const began = performance.now();
  try {
    const outcome = await sent;
    observe(performance.now() - began, undefined);
    return outcome;
  } catch (error) {
    if (error instanceof ActorUnavailable) observe(performance.now() - began, error.code);
    throw error;
  }
}

const NO_METHODS = Object.freeze({});

const isFailure = <T>(answer: Attempt<T>): answer is Failure | Lost =>
  typeof answer === 'object' && answer !== null && 'failure' in answer;

const isCode = (failure: FailureCode | Lost['failure']): failure is FailureCode => Object.hasOwn(RETRYABLE, failure);

function pauseBefore(attempts: number, failure: FailureCode | Lost['failure']): number {
  const base = failure === 'mailbox-full' ? RETRY_MS.full : RETRY_MS.least;
  return Math.min(base * 2 ** attempts, Math.max(base, RETRY_MS.most)) * (0.5 + Math.random());
}

function lost(kind: string, id: string, cause: unknown): Lost {
  const { name, retryable } = cause as { name?: string; retryable?: boolean };
  if (retryable === false) throw new ActorUnavailable('command-failed', `${kind}/${id}`, { cause });
  // A node that left, or that has not said yet that it offers the kind: what became of the command, nobody knows.
  return { failure: name === 'RequestTimeoutError' ? 'timeout' : 'no-node', cause };
}

/** Time-outs of like length share a list of Node's. */
const GRAIN_MS = 50;

/** The host answers what it was asked, but its log may take longer than the caller has. */
function within<T>(answer: Promise<Reply<T>>, ms: number): Promise<Attempt<T>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve({ failure: 'timeout' }), Math.ceil(ms / GRAIN_MS) * GRAIN_MS);
    answer.then(
      (reply) => {
        clearTimeout(timer);
        resolve(reply);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
