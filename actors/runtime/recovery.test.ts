import { describe, expect, test } from 'vitest';
import { subjects } from '../../config/subjects.ts';
import { decodeCommit } from './commit-encoding.ts';
import { createActorHost } from './host.ts';
import type { ActorKind } from './kind.ts';
import { HistoryIncomplete, reload } from './memory/loading.ts';
import { faults, type Harness, harness, silent } from './testing/harness.ts';
import { TILL_LIMIT, type TillContract, type TillEvent, type TillState, tillKind } from './testing/till.ts';
import { settle } from './testing/virtual-clock.ts';

type Till = Harness<TillContract, Readonly<TillState>>;

/** Lets retries run: their pauses are on the virtual clock. */
async function inTime<T>(world: Till, pending: Promise<T>): Promise<T> {
  let done = false;
  const settled = pending.finally(() => {
    done = true;
  });
  for (let i = 0; i < 200 && !done; i++) {
    await settle();
    await world.clock.advance(50);
  }
  return settled;
}

const three = (world: Till, onAppend = faults()) => {
  const node = world.node({ onAppend });
  return inTime(world, Promise.all([1, 2, 3].map((amount) => node.send('a', 'pay', { amount }))));
};

const ALL_THREE = [
  { ok: true, version: 1, result: { total: 1 } },
  { ok: true, version: 2, result: { total: 3 } },
  { ok: true, version: 3, result: { total: 6 } },
];

describe('a commit in doubt', () => {
  test('the ack is lost, the commit landed: first outcomes, nothing twice', async () => {
    const world = harness(tillKind);
    expect(await three(world, faults('lost-landed'))).toEqual(ALL_THREE);
    expect(world.commands('a')).toHaveLength(3);
  });

  test('it never landed: decided again', async () => {
    const world = harness(tillKind);
    expect(await three(world, faults('lost-not-landed', 'lost-not-landed'))).toEqual(ALL_THREE);
    expect(world.commands('a')).toHaveLength(3);
  });

  test('it lands later, when the second try has taken its place: refused', async () => {
    const world = harness(tillKind);
    expect(await three(world, faults('lands-late'))).toEqual(ALL_THREE);
    world.log.deliverLate();
    expect(world.commands('a')).toHaveLength(3);
  });

  test('it lands later, before the second try: found', async () => {
    const world = harness(tillKind);
    const node = world.node({ onAppend: faults('lands-late', 'overtaken') });
    const paid = node.send('a', 'pay', { amount: 1 });
    await settle();
    world.log.deliverLate();
    expect(await inTime(world, paid)).toEqual(ALL_THREE[0]);
    expect(world.commands('a')).toHaveLength(1);
  });

  test('what was under way cannot land after its command was told that its time is over', async () => {
    const world = harness(tillKind);
    let reads = 0;
    const node = world.node({
      onAppend: faults('lands-late'),
      // Reading it back takes longer than the caller waits.
      onRead: () => {
        reads += 1;
        if (reads === 2) void world.clock.advance(100);
        return false;
      },
    });
    const deadline = world.clock.now() + 60;
    const reply = await inTime(world, node.send('a', 'pay', { amount: 1 }, { deadline }));
    expect(reply).toEqual({ failure: 'deadline-exceeded' });
    world.log.deliverLate();
    // An empty commit has taken the place.
    expect(world.commits('a')).toMatchObject([{ from: 1, entries: [] }]);
    expect(await node.send('a', 'pay', { amount: 1 })).toMatchObject({ ok: true, version: 1 });
  });

  test('more commands than the window carries, and others wrote since: all are found', async () => {
    const world = harness({ ...tillKind, limits: { commandWindow: 2 } });
    const other = world.node();
    await other.send('a', 'pay', { amount: 1 });
    let overtake = (): Promise<unknown> => {
      overtake = async () => {};
      return (async () => {
        for (let i = 0; i < 5; i++) await other.send('a', 'pay', { amount: 1 });
      })();
    };
    const slow = world.node({
      onAppend: faults('lost-landed'),
      travel: async (leg) => {
        // The others get in before the answer to the append is back.
        if (leg === 'answer' && world.commands('a').length === 21) await overtake();
      },
    });
    const replies = await inTime(
      world,
      Promise.all(Array.from({ length: 20 }, () => slow.send('a', 'pay', { amount: 1 }))),
    );
    expect(replies.map((reply) => 'version' in reply && reply.version)).toEqual(replies.map((_, i) => i + 2));
    expect(world.commands('a')).toHaveLength(26);
  });

  test('it is read back from a replica that does not have it yet: read again', async () => {
    const world = harness(tillKind);
    const lags = [0, 1, 1, 1];
    const node = world.node({ onAppend: faults('lost-landed'), lag: () => lags.shift() ?? 0 });
    expect(await inTime(world, node.send('a', 'pay', { amount: 1 }))).toEqual(ALL_THREE[0]);
    expect(lags).toEqual([]);
    expect(world.commands('a')).toHaveLength(1);
  });

  test('the log stays silent: log-unavailable, and the same id later gets what happened', async () => {
    const world = harness(tillKind);
    let down = true;
    const node = world.node({ onAppend: faults('lost-landed'), onRead: () => down && world.commits('a').length > 0 });
    const once = { commandId: 'once' };
    expect(await inTime(world, node.send('a', 'pay', { amount: 1 }, once))).toEqual({ failure: 'log-unavailable' });
    expect(await inTime(world, node.read('a'))).toEqual({ failure: 'log-unavailable' });
    down = false;
    expect(await inTime(world, node.send('a', 'pay', { amount: 1 }, once))).toEqual(ALL_THREE[0]);
    expect(world.commands('a')).toHaveLength(1);
  });
});

describe('two activations of one actor', () => {
  test('both take commands; none is lost, none twice, and both agree with the log', async () => {
    const world = harness(tillKind);
    const nodes = [world.node(), world.node()];
    await Promise.all(nodes.map((node) => node.read('a')));
    const replies = await inTime(
      world,
      Promise.all(
        Array.from({ length: 60 }, (_, i) => {
          const node = nodes[i % 2] as (typeof nodes)[number];
          return node.send('a', 'pay', { amount: 1 }, { commandId: `c${i}` });
        }),
      ),
    );
    const history = world.commands('a').map(({ commandId }) => commandId);
    expect(new Set(history).size).toBe(60);
    replies.forEach((reply, i) => {
      expect(reply).toMatchObject({ ok: true, version: history.indexOf(`c${i}`) + 1 });
    });
  });

  test('they never sell more than there is', async () => {
    const world = harness(tillKind);
    const nodes = [world.node(), world.node()];
    const amount = TILL_LIMIT / 10;
    const pay = (i: number) => (nodes[i % 2] as (typeof nodes)[number]).send('a', 'pay', { amount });
    const replies = await inTime(world, Promise.all(Array.from({ length: 40 }, (_, i) => pay(i))));
    expect(replies.filter((reply) => 'ok' in reply && reply.ok)).toHaveLength(10);
    expect(replies.filter((reply) => 'ok' in reply && !reply.ok)).toHaveLength(30);
  });

  test('one that loaded from a replica that lags is put right by the first append', async () => {
    const world = harness(tillKind);
    const first = world.node();
    for (const amount of [1, 2, 3]) await first.send('a', 'pay', { amount });
    const lags = [2];
    const second = world.node({ lag: () => lags.shift() ?? 0 });
    expect(await inTime(world, second.send('a', 'pay', { amount: 4 }))).toEqual({
      ok: true,
      version: 4,
      result: { total: 10 },
    });
  });

  test('one that is overtaken for ever gives up in bounded time', async () => {
    const world = harness(tillKind);
    const node = world.node({ onAppend: () => 'overtaken' });
    expect(await inTime(world, node.send('a', 'pay', { amount: 1 }))).toEqual({ failure: 'log-unavailable' });
  });
});

describe('loading', () => {
  test('after a failed commit, a replica that does not have all that the leader has is not believed', async () => {
    const world = harness(tillKind);
    const node = world.node();
    for (const amount of [1, 2, 3]) await node.send('a', 'pay', { amount });
    const place = { kind: tillKind, id: 'a', stream: 'TILL', subject: subjects.actor('till', 'a') };
    await expect(reload(world.log.connect({ lag: () => 1 }), place, 0)).rejects.toThrow(HistoryIncomplete);
    expect((await reload(world.log.connect(), place, 0)).version).toBe(3);
  });

  const lines = (count: number): string => 'x'.repeat(count);
  /** A till whose state grows with what is noted down. */
  const grows: ActorKind<'till', TillContract, TillState, TillEvent, Readonly<TillState>> = {
    ...tillKind,
    evolve: (state, event, meta) => {
      const next = tillKind.evolve(state, event, meta);
      next.note += lines(50);
      return next;
    },
  };

  test('small states travel in every commit, large ones as seldom as their size asks', async () => {
    const world = harness(grows);
    const node = world.node();
    for (let i = 0; i < 1_000; i++) await node.send('a', 'pay', { amount: 1 });
    const commits = world.log.history(subjects.actor('till', 'a'));
    const carrying = commits.filter(({ data }) => decodeCommit(data).snapshot !== undefined);
    expect(carrying.length).toBeGreaterThan(10);
    expect(carrying.length).toBeLessThan(60);
    const size = (messages: typeof commits): number => messages.reduce((sum, { data }) => sum + data.length, 0);
    expect(size(carrying.slice(40))).toBeLessThan(size(commits) * 0.6);
    // Each commit points at the last before it that carries one.
    let pointer: string | undefined;
    for (const { header, data, sequence } of commits) {
      expect(header('Haat-Snapshot')).toBe(pointer);
      if (decodeCommit(data).snapshot !== undefined) pointer = `${sequence}`;
    }
    const before = await node.read('a');
    expect(await world.node().read('a')).toEqual(before);
    expect(before).toMatchObject({ version: 1_000, view: { total: 1_000, note: lines(50_000) } });
  });

  test('a state too large for one message is left out, and the history carries it', async () => {
    const world = harness(grows);
    const node = world.node({ limits: { commitBytes: 20_000 } });
    for (let i = 0; i < 600; i++) await node.send('a', 'pay', { amount: 1 });
    for (const { data } of world.log.history(subjects.actor('till', 'a')))
      expect(data.length).toBeLessThanOrEqual(20_000);
    expect(await world.node().read('a')).toMatchObject({ version: 600, view: { total: 600, note: lines(30_000) } });
  });

  test('a snapshot of another shape is ignored: every event is read, old ones as today’s', async () => {
    const world = harness(grows);
    const node = world.node();
    for (let i = 0; i < 300; i++) await node.send('a', 'pay', { amount: 1 });
    type NewEvent = { readonly type: 'Received'; readonly paise: number } | TillEvent;
    const newer: ActorKind<'till', TillContract, { paise: number }, NewEvent, { paise: number }> = {
      name: 'till',
      stateVersion: 2,
      initial: () => ({ paise: 0 }),
      decide: {
        pay: (state, { amount }) => ({
          accepted: true,
          events: [{ type: 'Received', paise: amount * 100 }],
          result: { total: state.paise },
        }),
        empty: () => ({ accepted: true, events: [], result: { taken: 0 } }),
        break: () => ({ accepted: true, events: [], result: null }),
        remind: () => ({ accepted: true, events: [], result: null }),
      },
      evolve: (state, event) => {
        if (event.type !== 'Received') throw new Error(`${event.type} is of yesterday`);
        return { paise: state.paise + event.paise };
      },
      upcast: (stored) => {
        const old = stored as NewEvent;
        return old.type === 'Paid' ? { type: 'Received', paise: old.amount * 100 } : old;
      },
      view: ({ paise }) => ({ paise }),
    };
    const log = world.log.connect();
    const host = createActorHost({ log, kinds: [newer], owns: () => true, logger: silent, clock: world.clock });
    const deadline = world.clock.now() + 1_000;
    expect(await host.read('till', 'a', deadline)).toEqual({ version: 300, view: { paise: 30_000 } });
    const envelope = { kind: 'till', id: 'a', type: 'pay', input: { amount: 1 }, commandId: 'new', deadline };
    expect(await host.command(envelope)).toMatchObject({ ok: true, version: 301 });
    const again = createActorHost({ log, kinds: [newer], owns: () => true, logger: silent, clock: world.clock });
    expect(await again.read('till', 'a', deadline)).toEqual({ version: 301, view: { paise: 30_100 } });
  });
});
