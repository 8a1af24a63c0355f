import { describe, expect, test } from 'vitest';
import { accept } from '../kind.ts';
import { STORY_BEGINS } from '../testing/given.ts';
import { harness } from '../testing/harness.ts';
import { tillKind } from '../testing/till.ts';
import { settle } from '../testing/virtual-clock.ts';

describe('reminders', () => {
  /** Wants to be reminded while there is money in it, and then does nothing. */
  const heedless = (at: () => number): typeof tillKind => ({
    ...tillKind,
    decide: { ...tillKind.decide, remind: () => accept([], null) },
    reminders: ({ total }) => (total > 0 ? [{ name: 'empty', at: at() }] : []),
  });

  test('are stored before the answer, put off without a message, and scheduled again when they fire early', async () => {
    let due = STORY_BEGINS + 1_000;
    const world = harness(heedless(() => due));
    const node = world.node();
    await node.send('a', 'pay', { amount: 1 });
    expect(world.reminders.get('a/empty')?.at).toBe(due);
    due += 5_000;
    await node.send('a', 'pay', { amount: 1 });
    expect(world.reminders.get('a/empty')?.at).toBe(STORY_BEGINS + 1_000);
    await node.send('a', 'remind', { name: 'other' });
    expect(world.reminders.get('a/empty')?.at).toBe(STORY_BEGINS + 1_000);
    await node.send('a', 'remind', { name: 'empty' });
    expect(world.reminders.get('a/empty')?.at).toBe(due);
    due = STORY_BEGINS + 500;
    await node.send('a', 'pay', { amount: 1 });
    expect(world.reminders.get('a/empty')?.at).toBe(STORY_BEGINS + 500);
    await node.send('a', 'empty', {});
    expect(world.reminders.size).toBe(0);
  });

  test('one that fired and is still wanted for the past does not go round for ever', async () => {
    const world = harness(heedless(() => STORY_BEGINS + 10));
    const node = world.node();
    await node.send('a', 'pay', { amount: 1 });
    world.reminders.clear();
    await world.clock.advance(10);
    await node.send('a', 'remind', { name: 'empty' });
    expect(world.reminders.size).toBe(0);
  });

  test('an answer is not given while the reminder is not stored, though the commit is', async () => {
    const world = harness(tillKind);
    const node = world.node({ limits: { attempts: 2 } });
    world.remindersFail = true;
    const once = { commandId: 'once' };
    const pending = node.send('a', 'pay', { amount: 1 }, once);
    await settle();
    await world.clock.advance(1_000);
    expect(await pending).toEqual({ failure: 'log-unavailable' });
    world.remindersFail = false;
    expect(await node.send('a', 'pay', { amount: 1 }, once)).toMatchObject({ ok: true, version: 1 });
    expect(world.reminders.size).toBe(1);
    expect(world.commands('a')).toHaveLength(1);
  });

  test('a fresh activation schedules again what a crash may have lost', async () => {
    const world = harness(tillKind);
    await world.node().send('a', 'pay', { amount: 1 });
    world.reminders.clear();
    await world.node().send('a', 'pay', { amount: 1 });
    expect(world.reminders.size).toBe(1);
  });
});
