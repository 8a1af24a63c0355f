import { expect, test } from 'vitest';
import { RetryAt } from '../../actors/runtime/reactor.ts';
import { eventually } from '../launcher/test-servers.ts';
import { deadLetters, redrive, type StoredLetter } from './dead-letters.ts';
import { type Happened, type ReactorNode, rig } from './testing/rig.ts';

const did = (n: number): Happened => ({ type: 'Did', n });

async function lettersOf(nc: Parameters<typeof deadLetters>[0]): Promise<StoredLetter[]> {
  const letters: StoredLetter[] = [];
  for await (const letter of deadLetters(nc)) letters.push(letter);
  return letters;
}

test('events of one actor come in order, those of others side by side; all are acked', async () => {
  await using world = await rig();
  const seen = new Map<string, number[]>();
  let atOnce = 0;
  let most = 0;
  const node = await world.node('a', {
    async Did({ id, event, version, commandId }) {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
      expect(commandId('x')).toBe(`${id}:${version}:x`);
      seen.set(id, [...(seen.get(id) ?? []), event.n]);
    },
  });
  const sent: Promise<void>[] = [];
  for (let n = 0; n < 50; n += 2) {
    for (let id = 0; id < 20; id++) sent.push(world.commit(`o${id}`, did(n), { type: 'Other' }, did(n + 1)));
  }
  await Promise.all(sent);
  await eventually(async () => (await world.unacked()) === 0);
  expect(seen.size).toBe(20);
  for (const order of seen.values()) expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
  expect(most).toBeGreaterThan(1);
  await node.leave();
});

test('a failing event is tried again in its place, and holds up no other actor', async () => {
  await using world = await rig();
  const seen: string[] = [];
  let failures = 3;
  const node = await world.node('a', {
    async Did({ id, event }) {
      if (id === 'bad' && event.n === 1 && failures-- > 0) throw new Error('not yet');
      seen.push(`${id}${event.n}`);
    },
  });
  await world.commit('bad', did(1), did(2));
  await world.commit('bad', did(3));
  await world.commit('good', did(1));
  await eventually(async () => (await world.unacked()) === 0);
  expect(seen).toEqual(['good1', 'bad1', 'bad2', 'bad3']);
  expect(await lettersOf(world.nc)).toEqual([]);
  await node.leave();
});

test('too early is no failure: it waits for its time, however often, and is never buried', async () => {
  await using world = await rig();
  let calls = 0;
  let ready = Number.POSITIVE_INFINITY;
  const node = await world.node(
    'a',
    {
      async Did() {
        calls++;
        if (Date.now() < ready) throw new RetryAt(Date.now() + 20, 'too early');
      },
    },
    { tries: 2 },
  );
  ready = Date.now() + 400;
  await world.commit('o', did(1));
  await eventually(async () => (await world.unacked()) === 0);
  expect(calls).toBeGreaterThan(5);
  expect(Date.now()).toBeGreaterThanOrEqual(ready);
  expect(await lettersOf(world.nc)).toEqual([]);
  await node.leave();
});

test('what keeps failing is buried with its error and can be driven again; the rest goes on', async () => {
  await using world = await rig();
  const seen: number[] = [];
  let mended = false;
  const node = await world.node(
    'a',
    {
      async Did({ event }) {
        if (event.n === 2 && !mended) throw Object.assign(new Error('two is broken'), { code: 'broken' });
        seen.push(event.n);
      },
    },
    { tries: 3 },
  );
  await world.commit('o', did(1), did(2), did(3));
  await world.publisher.publish('order.1.garbled', 'no JSON');
  await eventually(async () => (await lettersOf(world.nc)).length === 2);
  await eventually(async () => (await world.unacked()) === 0);
  expect(seen).toEqual([1, 3]);
  const letters = await lettersOf(world.nc);
  const broken = letters.find(({ letter }) => letter.step === 'Did#2');
  expect(broken?.letter).toMatchObject({
    consumer: 'tries',
    stream: 'ORDER',
    sequence: 1,
    subject: expect.stringMatching(/^order\.\d+\.o$/),
    tries: 3,
    error: { name: 'Error', message: 'two is broken', code: 'broken' },
  });
  expect(letters.find(({ letter }) => letter.step === 'read')?.letter.error.code).toBe('unreadable');
  // Still broken: comes back as a new letter.
  if (broken === undefined) throw new Error('no letter');
  await redrive(world.nc, world.publisher, broken);
  const again = await eventually(async () =>
    (await lettersOf(world.nc)).find(({ letter, sequence }) => letter.step === 'Did#2' && sequence > broken.sequence),
  );
  expect(again.letter).toMatchObject({ stream: 'ORDER', sequence: 1, subject: broken.letter.subject });
  mended = true;
  await redrive(world.nc, world.publisher, again);
  await eventually(() => seen.includes(2));
  expect(seen).toEqual([1, 3, 2]);
  await eventually(async () => (await world.jsm.streams.info('REDRIVE')).state.messages === 0);
  expect((await lettersOf(world.nc)).map(({ letter }) => letter.step)).toEqual(['read']);
  await node.leave();
});

test('an error that says it will not mend is buried at once', async () => {
  await using world = await rig();
  let calls = 0;
  const node = await world.node('a', {
    async Did() {
      calls++;
      throw Object.assign(new Error('never'), { retryable: false });
    },
  });
  await world.commit('o', did(1));
  await eventually(async () => (await lettersOf(world.nc)).length === 1);
  expect(calls).toBe(1);
  await node.leave();
});

test('NATS is killed and comes back: what was in hand and what comes after is done', { timeout: 30_000 }, async () => {
  await using world = await rig();
  const seen = new Set<number>();
  let open = false;
  const node = await world.node('a', {
    async Did({ event }) {
      if (!open) throw Object.assign(new Error('held back'), { retryable: true });
      seen.add(event.n);
    },
  });
  await world.commit('o', did(1));
  await eventually(() => node.reactor.held === 1);
  await world.server.kill();
  open = true;
  await eventually(() => seen.has(1));
  await world.server.start();
  await eventually(
    async () => (await world.publisher.publish('order.1.probe', '{"f":1,"from":1,"entries":[]}')).outcome === 'stored',
  );
  await world.commit('o', did(2));
  await eventually(() => seen.has(2), { withinMs: 10_000 });
  await eventually(async () => (await world.unacked()) === 0, { withinMs: 15_000 });
  await node.leave();
});

/** Two nodes; which of them reads is the placement's choice. */
async function pair(
  world: Awaited<ReturnType<typeof rig>>,
  on: (name: string) => Parameters<typeof world.node>[1],
  more: { readonly repeatAtMost?: number } = {},
) {
  const a = await world.node('a', on('a'), {}, more);
  const b = await world.node('b', on('b'), {}, more);
  const one = await eventually(() => (a.reactor.reading !== b.reactor.reading ? true : undefined)).then(() =>
    a.reactor.reading ? { reader: a, other: b, name: 'a' } : { reader: b, other: a, name: 'b' },
  );
  return one satisfies { reader: ReactorNode; other: ReactorNode; name: string };
}

test('one node reads; when it leaves, the next goes on at once and in order', async () => {
  await using world = await rig();
  const seen: string[] = [];
  let open = false;
  const { reader, other, name } = await pair(world, (node) => ({
    async Did({ event }) {
      if (event.n === 1 && !open) throw new Error('held back');
      seen.push(`${node}${event.n}`);
    },
  }));
  await world.commit('o', did(1));
  await world.commit('o', did(2));
  await world.commit('o', did(3));
  await eventually(() => reader.reactor.held === 3);
  open = true;
  const began = performance.now();
  await reader.leave();
  await eventually(() => seen.length === 3);
  const next = name === 'a' ? 'b' : 'a';
  const all = seen.map((entry) => entry.slice(1)).join('');
  expect(all).toBe('123');
  expect(seen.at(-1)).toBe(`${next}3`);
  expect(performance.now() - began).toBeLessThan(3_000);
  await other.leave();
});

test.each([
  ['by setting the consumer back', {}, 3_000],
  ['by waiting for what is owed', { repeatAtMost: 0 }, 15_000],
])('when the reader crashes, the next takes over in order, %s', { timeout: 30_000 }, async (_, more, withinMs) => {
  await using world = await rig();
  const seen: string[] = [];
  const stuck: (() => void)[] = [];
  const on = (node: string): Parameters<typeof world.node>[1] => ({
    async Did({ event }) {
      if (node === name) await new Promise<void>((resolve) => stuck.push(resolve));
      else seen.push(`${event.n}`);
    },
  });
  const { reader, other, name } = await pair(world, on, more);
  await world.commit('o', did(1));
  await world.commit('o', did(2));
  await eventually(() => reader.reactor.held === 2);
  await reader.crash();
  await world.commit('o', did(3));
  await eventually(() => seen.length === 3, { withinMs });
  expect(seen).toEqual(['1', '2', '3']);
  await eventually(async () => (await world.unacked()) === 0);
  await other.leave();
  for (const release of stuck) release();
});
