/** Sees to it, with every turn, that the reminders which the state wants are stored before anybody is answered. */
import type { Instant } from '../../ids.ts';
import type { Reminder } from '../kind.ts';
import type { ActorMemory } from '../memory/actor-memory.ts';
import type { ActorPlace } from '../memory/loading.ts';
import type { ActorSystem } from './actor-system.ts';
import type { Message } from './mailbox.ts';

/**
 * Called before the append, so that on one connection the reminder is sent first. False: not stored, or not known.
 * A reminder of a turn that fails to commit is moot when it fires.
 */
export function keepReminders(
  system: ActorSystem,
  place: ActorPlace,
  memory: ActorMemory,
  messages: readonly Message[],
  now: Instant,
): true | Promise<boolean> {
  const { kind } = place;
  if (kind.reminders === undefined || !messages.some(({ type }) => type === 'command')) return true;
  const wanted = kind.reminders(memory.state);
  clearFired(memory, messages, wanted, now);
  const { schedule, cancel } = memory.reminders.plan(wanted);
  if (cancel.length > 0) void cancelAll(system, place, memory, cancel);
  return schedule.length === 0 ? true : scheduleAll(system, place, memory, schedule);
}

function clearFired(
  memory: ActorMemory,
  messages: readonly Message[],
  wanted: readonly Reminder[],
  now: Instant,
): void {
  for (const message of messages) {
    if (message.type !== 'command' || message.envelope.type !== 'remind') continue;
    const { input } = message.envelope;
    if (!('name' in input) || typeof input.name !== 'string') continue;
    const again = wanted.find(({ name }) => name === input.name);
    // Still wanted for a time that has passed: the actor had its say, asking once more would go round for ever.
    if (again !== undefined && again.at <= now) memory.reminders.scheduled([again]);
    else memory.reminders.gone(input.name);
  }
}

async function scheduleAll(
  { reminders, complain }: ActorSystem,
  { kind, id, subject }: ActorPlace,
  memory: ActorMemory,
  schedule: readonly Reminder[],
): Promise<boolean> {
  try {
    await Promise.all(schedule.map(({ name, at }) => reminders.schedule({ kind: kind.name, id, name, at })));
    memory.reminders.scheduled(schedule);
    return true;
  } catch (error) {
    complain('reminder-not-scheduled', { actor: subject, err: error });
    return false;
  }
}

async function cancelAll(
  { reminders, logger }: ActorSystem,
  { kind, id, subject }: ActorPlace,
  memory: ActorMemory,
  names: readonly string[],
): Promise<void> {
  for (const name of names) memory.reminders.gone(name);
  try {
    await Promise.all(names.map((name) => reminders.cancel({ kind: kind.name, id, name })));
  } catch (error) {
    logger.debug({ event: 'reminder-not-cancelled', actor: subject, err: error });
  }
}
