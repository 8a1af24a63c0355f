import { describe, expect, test } from 'vitest';
import { subjects } from '../../config/subjects.ts';
import { STORY_BEGINS } from './testing/given.ts';
import { harness } from './testing/harness.ts';
import { TILL_LIMIT, tillKind } from './testing/till.ts';
import { settle } from './testing/virtual-clock.ts';

const FOREVER = Number.MAX_SAFE_INTEGER;

describe('commands', () => {
  test('are decided, stored and answered with version and result', async () => {
    const world = harness(tillKind);
    const node = world.node();
    expect(await node.send('a', 'pay', { amount: 5 })).toEqual({ ok: true, version: 1, result: { total: 5 } });
    expect(await node.send('a', 'pay', { amount: 2 })).toEqual({ ok: true, version: 2, result: { total: 7 } });
    expect(await node.read('a')).toEqual({ version: 2, view: { total: 7, payments: 2, note: '' } });
    expect(world.commands('a')).toMatchObject([
      { command: 'pay', at: STORY_BEGINS, events: [{ type: 'Paid', amount: 5 }], result: { total: 5 } },
      { command: 'pay', events: [{ type: 'Paid', amount: 2 }] },
    ]);
    expect(world.commits('a')).toMatchObject([{ f: 1, from: 1 }, { from: 2 }]);
  });

  test('a rejection and a change of nothing write nothing', async () => {
    const world = harness(tillKind);
    const node = world.node();
    expect(await node.send('a', 'pay', { amount: TILL_LIMIT + 1 })).toEqual({
      ok: false,
      version: 0,
      rejection: { type: 'full', total: 0 },
    });
    expect(await node.send('a', 'empty', {})).toEqual({ ok: true, version: 0, result: { taken: 0 } });
    expect(world.commits('a')).toEqual([]);
  });

  test('that come together are one commit, decided in order, each against the one before', async () => {
    const world = harness(tillKind);
    const node = world.node();
    const replies = await Promise.all([
      node.send('a', 'pay', { amount: TILL_LIMIT }),
      node.send('a', 'pay', { amount: 1 }),
      node.send('a', 'empty', {}),
      node.send('a', 'pay', { amount: 1 }),
    ]);
    expect(replies.map((reply) => 'ok' in reply && reply.ok)).toEqual([true, false, true, true]);
    expect(replies.map((reply) => 'version' in reply && reply.version)).toEqual([1, 1, 2, 3]);
    expect(world.commits('a')).toHaveLength(1);
  });

  test('are answered only when durable, rejections and reads too', async () => {
    const world = harness(tillKind);
    let store = (): void => {};
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    let legs = 0;
    // Legs 1 and 2 load the actor; leg 3 is the append under way.
    const node = world.node({ travel: async () => (++legs > 2 ? stored : undefined) });
    const answered: string[] = [];
    const note = (what: string) => () => answered.push(what);
    const all = [
      node.send('a', 'pay', { amount: TILL_LIMIT }).then(note('accepted')),
      node.send('a', 'pay', { amount: 1 }).then(note('rejected')),
      node.read('a').then(note('read')),
    ];
    await settle();
    expect(legs).toBe(3);
    expect(answered).toEqual([]);
    store();
    await Promise.all(all);
    expect(answered).toEqual(['accepted', 'rejected', 'read']);
  });

  test('a repeat gets the first outcome: at once, in the same turn, and after a load', async () => {
    const world = harness(tillKind);
    const node = world.node();
    const once = { commandId: 'once' };
    const first = { ok: true, version: 1, result: { total: 5 } };
    const twice = [node.send('a', 'pay', { amount: 5 }, once), node.send('a', 'pay', { amount: 5 }, once)];
    expect(await Promise.all(twice)).toEqual([first, first]);
    await node.send('a', 'pay', { amount: 1 });
    expect(await node.send('a', 'pay', { amount: 5 }, once)).toEqual(first);
    expect(await world.node().send('a', 'pay', { amount: 5 }, once)).toEqual(first);
    expect(world.commands('a')).toHaveLength(2);
  });

  test('the deadline and ifVersion are asked before deciding, a repeat before both', async () => {
    const world = harness(tillKind);
    const node = world.node();
    const late = { deadline: STORY_BEGINS - 1 };
    expect(await node.send('a', 'pay', { amount: 5 }, late)).toEqual({ failure: 'deadline-exceeded' });
    const other = { ifVersion: 1, commandId: 'x' };
    expect(await node.send('a', 'pay', { amount: 5 }, other)).toEqual({ failure: 'version-mismatch' });
    const right = { ifVersion: 0, commandId: 'y' };
    expect(await node.send('a', 'pay', { amount: 5 }, right)).toMatchObject({ ok: true, version: 1 });
    expect(await node.send('a', 'pay', { amount: 5 }, { ...right, ...late })).toMatchObject({ ok: true, version: 1 });
    expect(world.commands('a')).toHaveLength(1);
  });

  test('what is no kind, no command or no id is refused', async () => {
    const world = harness(tillKind);
    const { host } = world.node();
    const envelope = { kind: 'till', id: 'a', type: 'pay', input: { amount: 1 }, commandId: 'c', deadline: FOREVER };
    const unknown = { failure: 'unknown-command' };
    for (const wrong of [
      { type: 'steal' },
      { type: 'constructor' },
      { type: 'toString' },
      { type: '__proto__' },
      { kind: 'bank' },
      { id: 'a.b' },
      { id: '*' },
      { id: '' },
      { id: 'x'.repeat(129) },
    ]) {
      expect(await host.command({ ...envelope, ...wrong })).toEqual(unknown);
    }
    expect(await host.read('till', '>', FOREVER)).toEqual(unknown);
    expect(world.log.subjects).toEqual([]);
  });

  test('a full mailbox refuses', async () => {
    const world = harness({ ...tillKind, limits: { mailbox: 3 } });
    const node = world.node();
    const replies = await Promise.all([1, 2, 3, 4].map((amount) => node.send('a', 'pay', { amount })));
    expect(replies.map((reply) => ('failure' in reply ? reply.failure : 'ok'))).toEqual([
      'ok',
      'ok',
      'ok',
      'mailbox-full',
    ]);
  });

  test('more than fits into one commit goes into several, in order, and nothing is lost', async () => {
    const world = harness(tillKind);
    const node = world.node({ limits: { commitBytes: 3_000, turn: 50 } });
    const replies = await Promise.all(Array.from({ length: 200 }, () => node.send('a', 'pay', { amount: 1 })));
    expect(replies.map((reply) => 'version' in reply && reply.version)).toEqual(replies.map((_, i) => i + 1));
    expect(world.commands('a').map(({ commandId }) => commandId)).toEqual(replies.map((_, i) => `command-${i + 1}`));
    for (const { data } of world.log.history(subjects.actor('till', 'a')))
      expect(data.length).toBeLessThanOrEqual(3_000);
  });
});

describe('code that throws', () => {
  for (const where of ['decide', 'evolve'] as const) {
    test(`${where}: that command fails, its neighbours in the turn do not, the actor is sound`, async () => {
      const world = harness(tillKind);
      const node = world.node();
      await node.send('a', 'pay', { amount: 1 });
      const replies = await Promise.all([
        node.send('a', 'pay', { amount: 10 }),
        node.send('a', 'break', { where }),
        node.send('a', 'pay', { amount: 100 }),
      ]);
      expect(replies).toEqual([
        { ok: true, version: 2, result: { total: 11 } },
        { failure: 'command-failed' },
        { ok: true, version: 3, result: { total: 111 } },
      ]);
      expect(await node.read('a')).toEqual({ version: 3, view: { total: 111, payments: 3, note: '' } });
      expect(await world.node().read('a')).toEqual({ version: 3, view: { total: 111, payments: 3, note: '' } });
    });
  }

  test('view: reads fail, commands go on', async () => {
    const blind = {
      ...tillKind,
      view: () => {
        throw new Error('view is broken');
      },
    };
    const node = harness(blind).node();
    expect(await node.read('a')).toEqual({ failure: 'command-failed' });
    expect(await node.send('a', 'pay', { amount: 1 })).toMatchObject({ ok: true });
  });
});

describe('watching', () => {
  test('answers at once what is newer, later what comes, and at the deadline what is', async () => {
    const world = harness(tillKind);
    const node = world.node();
    await node.send('a', 'pay', { amount: 1 });
    expect(await node.watch('a', 0, FOREVER)).toMatchObject({ version: 1 });
    const next = node.watch('a', 1, FOREVER);
    const later = node.watch('a', 2, STORY_BEGINS + 1_000);
    await settle();
    expect(node.host.stats().watchers).toBe(2);
    await node.send('a', 'pay', { amount: 1 });
    expect(await next).toMatchObject({ version: 2, view: { total: 2 } });
    await world.clock.advance(1_001);
    expect(await later).toMatchObject({ version: 2 });
    expect(node.host.stats().watchers).toBe(0);
  });

  test('a watcher at its deadline does not see what is not durable yet', async () => {
    const world = harness(tillKind);
    let hold: Promise<void> | undefined;
    let release = (): void => {};
    const node = world.node({ travel: async () => hold });
    await node.send('a', 'pay', { amount: 1 });
    const watched = node.watch('a', 1, STORY_BEGINS + 100);
    await settle();
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const paid = node.send('a', 'pay', { amount: 1 });
    await world.clock.advance(200);
    let answered = false;
    void watched.then(() => {
      answered = true;
    });
    await settle();
    expect(answered).toBe(false);
    release();
    expect(await paid).toMatchObject({ version: 2 });
    expect(await watched).toMatchObject({ version: 2 });
  });
});

describe('coming and going', () => {
  test('a partition that is not owned is refused, also one that was', async () => {
    const world = harness(tillKind);
    let mine = false;
    const node = world.node({ owns: () => mine });
    expect(await node.send('a', 'pay', { amount: 1 })).toEqual({ failure: 'not-owner' });
    mine = true;
    expect(await node.send('a', 'pay', { amount: 1 })).toMatchObject({ ok: true });
    mine = false;
    expect(await node.read('a')).toEqual({ failure: 'not-owner' });
  });

  test('release finishes what waits, tells watchers, and forgets', async () => {
    const world = harness(tillKind);
    const node = world.node();
    const watched = node.watch('a', 0, FOREVER);
    await settle();
    const paid = node.send('a', 'pay', { amount: 1 });
    const kept = node.send('b', 'pay', { amount: 1 });
    const released = node.host.release((_kind, partition) => subjects.actor('till', 'a').includes(`.${partition}.`));
    expect(await watched).toEqual({ failure: 'not-owner' });
    expect(await node.send('a', 'pay', { amount: 1 })).toEqual({ failure: 'not-owner' });
    await released;
    expect(await paid).toMatchObject({ ok: true });
    expect(await kept).toMatchObject({ ok: true });
    expect(node.host.stats().activations).toBe(1);
    expect(await node.read('a')).toMatchObject({ version: 1 });
  });

  test('stop finishes what waits, for as long as it is given', async () => {
    const world = harness(tillKind);
    const node = world.node();
    const paid = node.send('a', 'pay', { amount: 1 });
    await node.host.stop(1_000);
    expect(await paid).toMatchObject({ ok: true });
    expect(await node.send('a', 'pay', { amount: 1 })).toEqual({ failure: 'leaving' });

    const stuck = world.node({ travel: () => new Promise(() => {}) });
    void stuck.send('b', 'pay', { amount: 1 });
    await settle();
    const waits = stuck.send('b', 'pay', { amount: 1 });
    const stopped = stuck.host.stop(1_000);
    await world.clock.advance(1_000);
    await stopped;
    expect(await waits).toEqual({ failure: 'leaving' });
  });

  test('the idle leave memory, the watched stay, and nothing is forgotten', async () => {
    const world = harness(tillKind);
    const node = world.node({ limits: { idleMs: 10_000 } });
    for (let i = 0; i < 300; i++) await node.send(`a${i}`, 'pay', { amount: i + 1 });
    void node.watch('a7', 1, FOREVER);
    await world.clock.advance(5_000);
    expect(node.host.stats().activations).toBe(300);
    await world.clock.advance(20_000);
    expect(node.host.stats()).toMatchObject({ activations: 1, watchers: 1 });
    expect(await node.read('a8')).toMatchObject({ view: { total: 9 } });
  });

  test('a kind that is soon done with leaves sooner', async () => {
    const world = harness({ ...tillKind, limits: { ...tillKind.limits, idleMs: 5_000 } });
    const node = world.node({ limits: { idleMs: 16_000 } });
    for (let i = 0; i < 2_000; i++) await node.send(`a${i}`, 'pay', { amount: 1 });
    await world.clock.advance(4_000);
    expect(node.host.stats().activations).toBe(2_000);
    await world.clock.advance(8_000);
    expect(node.host.stats().activations).toBe(0);
  });

  test('above the memory limit the least recently used leave', async () => {
    const world = harness(tillKind);
    const node = world.node({ limits: { memoryBytes: 200_000 } });
    for (let i = 0; i < 500; i++) {
      await node.send(`a${i}`, 'pay', { amount: 1 });
      await world.clock.advance(10);
    }
    const { activations, approximateBytes } = node.host.stats();
    expect(approximateBytes).toBeLessThan(210_000);
    expect(activations).toBeGreaterThan(50);
    await node.host.release(() => true);
    expect(node.host.stats()).toEqual({ activations: 0, approximateBytes: 0, waiting: 0, watchers: 0 });
  });
});
