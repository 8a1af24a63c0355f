/**
 * One turn: every waiting command decided in order against the evolving state. Nothing here is told to anybody:
 * the replies stay with their messages until the commit of the whole turn is durable.
 */
import type { Instant } from '../../ids.ts';
import type { LiveEntry } from '../commit.ts';
import { encodeEntry } from '../commit-encoding.ts';
import type { AnyKind } from '../kind.ts';
import type { ActorMemory } from '../memory/actor-memory.ts';
import { outcomeJson } from '../memory/command-window.ts';
import type { CommandMessage, Message } from './mailbox.ts';

export type Turn =
  | {
      readonly spoilt: false;
      /** Accepted commands that changed something. */
      readonly entries: readonly LiveEntry[];
      /** An answer rests on memory alone: a refusal, or nothing to change. It is only true if nobody else has written. */
      readonly fromMemory: boolean;
      /** How many messages were taken; the rest would make the commit too large and waits for the next turn. */
      readonly taken: number;
    }
  /** `evolve` threw half-way: the memory is of no use. The message is poisoned; load again, decide the others again. */
  | { readonly spoilt: true };

export type TurnContext = {
  readonly now: Instant;
  /** Of all entries together; each character may take three bytes. */
  readonly characters: number;
  /** The kind's own code threw. Marks the message. */
  readonly poisoned: (message: CommandMessage, cause: unknown) => void;
};

export function decideAll(
  kind: AnyKind,
  memory: ActorMemory,
  messages: readonly Message[],
  context: TurnContext,
): Turn {
  const entries: LiveEntry[] = [];
  let characters = 0;
  let taken = 0;
  let fromMemory = false;
  for (; taken < messages.length && characters < context.characters; taken++) {
    const message = messages[taken] as Message;
    if (message.type !== 'command') continue;
    if (message.poisoned) {
      message.reply = { failure: 'command-failed' };
      continue;
    }
    const decided = decide(kind, memory, message, context);
    if (decided === undefined) {
      fromMemory = true;
      continue;
    }
    // Not two large ones in one commit.
    if (entries.length > 0 && characters + decided.entry.json.length > context.characters) break;
    try {
      memory.evolve(kind, decided.entry.events, context.now);
    } catch (cause) {
      context.poisoned(message, cause);
      return { spoilt: true };
    }
    memory.window.remember(message.envelope.commandId, context.now, decided.outcome);
    message.reply = { ok: true, version: memory.version, result: decided.result };
    entries.push(decided.entry);
    characters += decided.entry.json.length;
  }
  return { spoilt: false, entries, fromMemory, taken };
}

type Decided = {
  readonly result: unknown;
  /** What the window remembers: made before `evolve`, which may change what the result shares. */
  readonly outcome: string;
  readonly entry: LiveEntry;
};

/** Undefined: the reply is there already and nothing is to be written. */
function decide(
  kind: AnyKind,
  memory: ActorMemory,
  message: CommandMessage,
  context: TurnContext,
): Decided | undefined {
  const { envelope } = message;
  const first = memory.window.find(envelope.commandId);
  if (first !== undefined) {
    message.reply = { ok: true, ...first };
    return undefined;
  }
  if (context.now > envelope.deadline) {
    message.reply = { failure: 'deadline-exceeded' };
    return undefined;
  }
  if (envelope.ifVersion !== undefined && envelope.ifVersion !== memory.version) {
    message.reply = { failure: 'version-mismatch' };
    return undefined;
  }
  try {
    const decision = kind.decide[envelope.type]?.(memory.state, envelope.input, context.now);
    if (decision === undefined) throw new TypeError(`${envelope.type} decided nothing`);
    if (!decision.accepted) {
      message.reply = { ok: false, version: memory.version, rejection: decision.rejection };
      return undefined;
    }
    const { events, result } = decision;
    if (events.length === 0) {
      message.reply = { ok: true, version: memory.version, result };
      return undefined;
    }
    const resultJson: string | undefined = result === undefined ? undefined : JSON.stringify(result);
    const json = encodeEntry(envelope, context.now, events, resultJson);
    if (json.length > context.characters) throw new RangeError(`a commit of ${json.length} characters`);
    const { trace } = envelope;
    const entry = { json, at: context.now, events, ...(trace === undefined ? {} : { trace }) };
    return { result, outcome: outcomeJson(envelope.commandId, memory.version + events.length, result), entry };
  } catch (cause) {
    context.poisoned(message, cause);
    message.reply = { failure: 'command-failed' };
    return undefined;
  }
}
