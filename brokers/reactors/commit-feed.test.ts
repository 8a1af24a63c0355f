import { expect, test } from 'vitest';
import type { LiveCommit } from '../../actors/runtime/commit.ts';
import { eventually } from '../launcher/eventually.ts';
import { CommitFeed } from './commit-feed.ts';
import { Progress } from './progress.ts';
import { type Happened, REACTOR, rig } from './testing/rig.ts';

const live = (sequence: number): LiveCommit => ({
  kind: 'order',
  id: 'o',
  subject: 'order.1.o',
  sequence,
  from: 1,
  entries: [],
  state: {},
  data: new Uint8Array(),
  header: () => undefined,
});

function tapped({ alone = () => true }: { alone?: () => boolean } = {}) {
  const feed = new CommitFeed(alone);
  const tap = feed.tap('order', ({ sequence }) => sequence);
  const came: number[] = [];
  let lost = 0;
  return {
    publish: (...sequences: readonly number[]): void => {
      for (const sequence of sequences) feed.publish(live(sequence));
    },
    join: (seen: number) =>
      tap.join(
        seen,
        (sequence) => came.push(sequence),
        () => lost++,
      ),
    hostsChanged: () => feed.hostsChanged(),
    came,
    lost: () => lost,
  };
}

test('a reader joins where the stream and the feed meet, and nowhere else', () => {
  const { publish, join, came } = tapped();
  expect(join(0)).toBeUndefined();
  publish(5, 6, 7);
  expect(join(3)).toBeUndefined();
  expect(join(5)).toEqual([6, 7]);
  publish(8, 9);
  expect(came).toEqual([8, 9]);
});

test('a reader may be ahead of the feed', () => {
  const { publish, join, came } = tapped();
  publish(5, 6);
  expect(join(8)).toEqual([]);
  publish(7, 8, 9);
  expect(came).toEqual([9]);
});

test('what came before a hole is no use to a reader that has not come so far', () => {
  const { publish, join } = tapped();
  publish(1, 2, 5);
  expect(join(1)).toBeUndefined();
  expect(join(4)).toEqual([5]);
});

test('a sequence that somebody else has written, or another host: the feed is left at once', () => {
  const { publish, join, came, lost } = tapped();
  publish(1);
  join(1);
  publish(2, 4);
  expect([came, lost()]).toEqual([[2], 1]);
  publish(5);
  expect(came).toEqual([2]);

  let alone = true;
  const other = tapped({ alone: () => alone });
  other.publish(1);
  other.join(1);
  alone = false;
  other.publish(2);
  expect([other.came, other.lost()]).toEqual([[], 1]);

  const third = tapped({ alone: () => alone });
  alone = true;
  third.publish(1);
  third.join(1);
  alone = false;
  third.hostsChanged();
  expect(third.lost()).toBe(1);
});

test('a reader that is far behind finds the last thousand', () => {
  const { publish, join } = tapped();
  for (let sequence = 1; sequence <= 5_000; sequence++) publish(sequence);
  expect(join(1_000)).toBeUndefined();
  expect(join(4_500)?.length).toBe(500);
});

test('the floor is below whatever is in hand or has not come', () => {
  const progress = new Progress();
  expect(progress.floor([])).toBeUndefined();
  progress.restart(10);
  for (const sequence of [11, 12, 15, 14]) progress.take(sequence);
  expect(progress.seen).toBe(12);
  expect(progress.floor([])).toBe(12);
  progress.take(13);
  expect(progress.seen).toBe(15);
  progress.done(12);
  expect(progress.floor([15, 11])).toBe(10);
  expect(progress.isDone(12)).toBe(true);
  expect(progress.floor([15])).toBe(14);
  expect(progress.isDone(12)).toBe(false);
});

const did = (n: number): Happened => ({ type: 'Did', n });

test('own commits and those of others, mixed: each event of an actor in order, none missing; then the next node', {
  timeout: 30_000,
}, async () => {
  await using world = await rig();
  const feed = new CommitFeed(() => true);
  const done = new Map<string, number[]>();
  let failures = 20;
  const on = {
    async Did({ id, event }: { id: string; event: { n: number } }) {
      await new Promise((resolve) => setImmediate(resolve));
      if (event.n % 7 === 3 && failures-- > 0) throw new Error('not yet');
      const before = done.get(id) ?? [];
      done.set(id, before);
      // After a change of reader, what was done since the floor was last told is done again.
      if (!before.includes(event.n)) before.push(event.n);
    },
  };
  const node = await world.node('a', on, { tries: 50 }, { feed });
  const ids = ['o1', 'o2', 'o3', 'o4'];
  const all = (upTo: number) => Array.from({ length: upTo }, (_, n) => n);
  for (let n = 0; n < 200; n++) {
    const others = n % 50 === 49;
    await Promise.all(
      ids.map((id) => (others && id === 'o2' ? world.commit(id, did(n)) : world.commitHere(feed, id, did(n)))),
    );
  }
  await eventually(() => ids.every((id) => done.get(id)?.length === 200));
  // Back in the feed; then the last word is somebody else's, and nothing comes after it: found by asking.
  for (let n = 200; n < 220; n++) {
    await world.commitHere(feed, 'o1', did(n));
    await eventually(() => done.get('o1')?.length === n + 1);
  }
  await world.commit('o3', did(200));
  await eventually(() => done.get('o3')?.length === 201);
  for (const id of ids) expect(done.get(id)).toEqual(all({ o1: 220, o3: 201 }[id] ?? 200));
  await node.leave();
  expect(await world.unacked()).toBe(0);
  const { ack_floor } = await world.jsm.consumers.info('ORDER', REACTOR);
  expect(ack_floor.stream_seq).toBe(821);
});

test('a reader of the feed dies: the next one begins at the floor that was told last', {
  timeout: 30_000,
}, async () => {
  await using world = await rig();
  const feed = new CommitFeed(() => true);
  const seen = { a: [] as number[], b: [] as number[] };
  let stuck = true;
  const a = await world.node(
    'a',
    {
      async Did({ id, event }) {
        if (id === 'held') await eventually(() => !stuck, { withinMs: 20_000 });
        else seen.a.push(event.n);
      },
    },
    {},
    { feed },
  );
  await world.commit('o', did(0));
  await eventually(() => seen.a.length === 1);
  for (let n = 1; n <= 10; n++) await world.commitHere(feed, 'o', did(n));
  await eventually(async () => (await world.jsm.consumers.info('ORDER', REACTOR)).ack_floor.stream_seq === 11);
  await world.commitHere(feed, 'held', did(11));
  await world.commitHere(feed, 'o', did(12));
  await eventually(() => seen.a.includes(12));
  await a.crash();
  const b = await world.node('b', { Did: async ({ event }) => void seen.b.push(event.n) });
  await eventually(() => seen.b.length >= 2);
  expect(seen.b.toSorted((x, y) => x - y)).toEqual([11, 12]);
  stuck = false;
  await b.leave();
});
