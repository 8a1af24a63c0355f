/**
 * A kind's rules, tried without a host:
 *
 *   given(skuKind, [stockSet(10)])
 *     .when('reserve', { orderId, quantity: 2, pincode, expiresAt })
 *     .then([{ type: 'StockReserved', … }])            // accepted with exactly these events …
 *     .answers({ allocations: […] })                   // … and this result
 *     .when('reserve', { … })                          // goes on from there
 *     .then({ type: 'out-of-stock', available: 8 });   // refused
 *
 * It also checks what the runtime relies on: `decide` leaves the state alone, and every state survives JSON.
 */
import { deepStrictEqual, fail } from 'node:assert';
import type { Instant } from '../../ids.ts';
import type { ActorKind, Contract, Decision, DomainEvent } from '../kind.ts';

/** 2026-01-01T00:00:00.000Z: when a test's story begins unless it says otherwise. */
export const STORY_BEGINS: Instant = 1_767_225_600_000;

export type GivenOptions = {
  /** The actor's id. */
  readonly id?: string;
  /** When the history happened. */
  readonly at?: Instant;
};

export type Given<C extends Contract, S, E extends DomainEvent, V> = {
  /** A copy: yours to look at. */
  readonly state: S;
  readonly version: number;
  view(now?: Instant): V;
  /** `now`: when it is decided; by default when the last thing happened. */
  when<K extends keyof C & string>(command: K, input: C[K]['input'], now?: Instant): When<C, S, E, V, K>;
};

export type When<C extends Contract, S, E extends DomainEvent, V, K extends keyof C> = {
  readonly decision: Decision<E, C[K]['result'], C[K]['rejection']>;
  /** An array: accepted with exactly these events. An object: refused with exactly this rejection. */
  then(expected: readonly E[] | C[K]['rejection']): Then<C, S, E, V, K>;
};

export type Then<C extends Contract, S, E extends DomainEvent, V, K extends keyof C> = Given<C, S, E, V> & {
  answers(result: C[K]['result']): Then<C, S, E, V, K>;
};

export function given<C extends Contract, S, E extends DomainEvent, V>(
  kind: ActorKind<string, C, S, E, V>,
  history: readonly NoInfer<E>[],
  options: GivenOptions = {},
): Given<C, S, E, V> {
  const at = options.at ?? STORY_BEGINS;
  const start = { state: kind.initial(options.id ?? 'test-1'), version: 0, now: at };
  return story(kind, append(kind, start, history, at));
}

type Chapter<S> = { readonly state: S; readonly version: number; readonly now: Instant };

function append<C extends Contract, S, E extends DomainEvent, V>(
  kind: ActorKind<string, C, S, E, V>,
  chapter: Chapter<S>,
  events: readonly E[],
  at: Instant,
): Chapter<S> {
  let state = structuredClone(chapter.state);
  let version = chapter.version;
  for (const event of events) state = kind.evolve(state, event, { at, version: ++version });
  const stored: S = JSON.parse(JSON.stringify(state));
  deepStrictEqual(stored, state, `${kind.name}: the state does not survive JSON (left: as read back)`);
  return { state, version, now: at };
}

function story<C extends Contract, S, E extends DomainEvent, V>(
  kind: ActorKind<string, C, S, E, V>,
  chapter: Chapter<S>,
): Given<C, S, E, V> {
  return {
    get state() {
      return structuredClone(chapter.state);
    },
    version: chapter.version,
    view: (now = chapter.now) => kind.view(chapter.state, now),
    when: (command, input, now = chapter.now) => decided(kind, chapter, command, input, now),
  };
}

function decided<C extends Contract, S, E extends DomainEvent, V, K extends keyof C & string>(
  kind: ActorKind<string, C, S, E, V>,
  chapter: Chapter<S>,
  command: K,
  input: C[K]['input'],
  now: Instant,
): When<C, S, E, V, K> {
  const before = structuredClone(chapter.state);
  const decision = kind.decide[command](chapter.state, input, now);
  deepStrictEqual(chapter.state, before, `${kind.name}.${command}: decide changed the state`);
  return {
    decision,
    // biome-ignore lint/suspicious/noThenProperty: given/when/then; nothing here is ever awaited
    then: (expected) => {
      const happened = decision.accepted ? decision.events : decision.rejection;
      // No message of our own: the default one is the diff.
      deepStrictEqual(happened, expected);
      const next = decision.accepted ? append(kind, chapter, decision.events, now) : { ...chapter, now };
      const told: Then<C, S, E, V, K> = Object.assign(story(kind, next), {
        answers: (result: C[K]['result']) => {
          if (!decision.accepted) fail(`${kind.name}.${command} was refused and answers nothing`);
          deepStrictEqual(decision.result, result, `${kind.name}.${command} answers otherwise`);
          return told;
        },
      });
      return told;
    },
  };
}
