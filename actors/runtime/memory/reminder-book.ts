/**
 * Which reminders of an actor are known to be scheduled. The book starts empty with every activation, so the first
 * turn schedules again what the state wants: what a crash may have lost heals by itself.
 */
import type { Instant } from '../../ids.ts';
import type { Reminder } from '../kind.ts';

export type ReminderPlan = { readonly schedule: readonly Reminder[]; readonly cancel: readonly string[] };

const NOTHING: ReminderPlan = { schedule: [], cancel: [] };

export class ReminderBook {
  readonly #scheduled = new Map<string, Instant>();

  /**
   * What to do so that everything `wanted` will fire. A reminder that was put off is left to fire early: the actor
   * refuses it as moot and the next turn schedules the later one. A cart that is touched a hundred times so costs
   * one message, not a hundred.
   */
  plan(wanted: readonly Reminder[]): ReminderPlan {
    if (wanted.length === 0 && this.#scheduled.size === 0) return NOTHING;
    const schedule = wanted.filter(({ name, at }) => {
      const scheduledAt = this.#scheduled.get(name);
      return scheduledAt === undefined || scheduledAt > at;
    });
    const cancel = [...this.#scheduled.keys()].filter((name) => !wanted.some((reminder) => reminder.name === name));
    return { schedule, cancel };
  }

  scheduled(reminders: readonly Reminder[]): void {
    for (const { name, at } of reminders) this.#scheduled.set(name, at);
  }

  /** Fired or cancelled. */
  gone(name: string): void {
    this.#scheduled.delete(name);
  }
}
