import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeCommit } from '../../actors/runtime/commit-encoding.ts';
import { ActorUnavailable } from '../../actors/runtime/envelope.ts';
import { partitionOf, streamOf, subjects } from '../../config/subjects.ts';
import type { LogMessage } from '../../stores/event-log.ts';
import { announceDead } from '../launcher/disconnect.ts';
import { eventually, freshNats } from '../launcher/test-servers.ts';
import { KIND, startTestNode, type TestNode } from './testing/nodes.ts';

type Nodes<Names extends readonly string[]> = { [K in keyof Names]: TestNode };

async function nodes<const Names extends readonly string[]>(
  natsUrl: string,
  ...names: Names
): Promise<Nodes<Names> & AsyncDisposable> {
  const started = await Promise.all(names.map((name) => startTestNode(natsUrl, name)));
  // As many as there are names: `map` does not say so.
  return Object.assign(started as Nodes<Names>, {
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((node) => node.leave()));
    },
  });
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `till-${i}`);

const seesAll = (members: readonly TestNode[]) =>
  eventually(() => members.every(({ cluster }) => cluster.offering('actor-cart').length === members.length));

const historyOf = async (node: TestNode, id: string): Promise<readonly LogMessage[]> =>
  node.log.read(streamOf(KIND), subjects.actor(KIND, id), 1);

test('commands, reads and watches reach the owner from anywhere; each node holds its share', async () => {
  await using nats = await freshNats();
  await using members = await nodes(nats.url, 'a', 'b');
  const [a, b] = members;
  await seesAll(members);
  const watching = b.tills.watch('till-1', { after: 0, timeoutMs: 10_000 });
  const paid = await Promise.all(
    ids(40).map((id, i) => (i % 2 === 0 ? a : b).tills(id).pay({ amount: i + 1 }, { timeoutMs: 10_000 })),
  );
  expect(paid.every(({ ok, version }) => ok && version === 1)).toBe(true);
  expect(await watching).toMatchObject({ version: 1, view: { total: 2 } });
  for (const id of ids(40)) expect((await a.tills.read(id)).version).toBe(1);
  const held = members.map(({ host }) => host.stats().activations);
  expect(held[0]).toBeGreaterThan(5);
  expect(held[1]).toBeGreaterThan(5);
  expect((held[0] ?? 0) + (held[1] ?? 0)).toBe(40);
});

test('refusals and failures come back as what they are', async () => {
  await using nats = await freshNats();
  await using members = await nodes(nats.url, 'a', 'b');
  const [a] = members;
  await seesAll(members);
  for (const id of ids(8)) {
    expect(await a.tills(id).pay({ amount: 2_000_000 })).toMatchObject({ ok: false, rejection: { type: 'full' } });
    await expect(a.tills(id).pay({ amount: 1 }, { ifVersion: 7 })).rejects.toMatchObject({ code: 'version-mismatch' });
    await expect(a.tills(id).break({ where: 'decide' })).rejects.toThrow(ActorUnavailable);
  }
  expect(await a.tills.watch('till-0', { after: 0, timeoutMs: 50 })).toMatchObject({ version: 0 });
});

test('with nobody to ask, a caller hears so when its time is over', async () => {
  await using nats = await freshNats();
  const caller = await startTestNode(nats.url, 'caller', { hosts: false });
  await expect(caller.tills('till-1').pay({ amount: 1 }, { timeoutMs: 300 })).rejects.toMatchObject({
    code: 'no-node',
  });
  await caller.leave();
});

/** Callers in a loop, who count what they were told is paid and how long they waited. */
function load(caller: TestNode) {
  let running = true;
  let phase = 'steady';
  let failures = 0;
  let total = 0;
  const longest = new Map<string, number>();
  const paid = new Map<string, number>();
  const drive = async (id: string): Promise<void> => {
    while (running) {
      const at = performance.now();
      const outcome = await caller
        .tills(id)
        .pay({ amount: 1 })
        .catch(() => undefined);
      if (outcome?.ok) paid.set(id, (paid.get(id) ?? 0) + 1);
      else failures++;
      total++;
      longest.set(phase, Math.max(longest.get(phase) ?? 0, performance.now() - at));
    }
  };
  const drivers = ids(64).map(drive);
  return {
    enter: (name: string) => {
      phase = name;
    },
    more: async (count: number) => {
      const goal = total + count;
      await eventually(() => total >= goal, { withinMs: 20_000 });
    },
    async stop() {
      running = false;
      await Promise.all(drivers);
      const waits = [...longest].map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`).join(', ');
      process.stdout.write(`${total} commands; longest wait: ${waits}\n`);
      expect(failures).toBe(0);
      for (const [id, count] of paid) expect((await caller.tills.read(id)).view.total).toBe(count);
    },
  };
}

test('nodes join and leave under load: no command fails, none counts twice', { timeout: 60_000 }, async () => {
  await using nats = await freshNats();
  await using members = await nodes(nats.url, 'caller', 'a');
  const [caller] = members;
  await seesAll(members);
  const callers = load(caller);
  await callers.more(2_000);
  callers.enter('join');
  const joined = await startTestNode(nats.url, 'joins');
  await callers.more(2_000);
  expect(joined.host.stats().activations).toBeGreaterThan(0);
  callers.enter('leave');
  await joined.leave();
  await callers.more(2_000);
  await callers.stop();
});

test.each([
  ['its launcher says so', true],
  ['nobody says so', false],
])('a node is killed under load, and %s: no command fails, none counts twice', { timeout: 60_000 }, async (_, told) => {
  await using nats = await freshNats();
  await using members = await nodes(nats.url, 'caller', 'a');
  const [caller] = members;
  await seesAll(members);
  const child = fork(join(import.meta.dirname, 'testing', 'node-process.ts'), [nats.url]);
  const [nodeId] = (await once(child, 'message')) as [string];
  await eventually(() => caller.cluster.offering('actor-cart').includes(nodeId));
  const callers = load(caller);
  await callers.more(2_000);
  callers.enter(`killed (${told ? 'told' : 'by heartbeat'})`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  if (told) await announceDead(nats.url, nodeId);
  await eventually(() => !caller.cluster.offering('actor-cart').includes(nodeId), { withinMs: 8_000 });
  await callers.more(2_000);
  await callers.stop();
});

test('two nodes that both believe they own an actor: the log lets one write, nothing is counted twice', async () => {
  await using nats = await freshNats();
  const always = { owns: () => true };
  const [a, b] = await Promise.all([startTestNode(nats.url, 'a', always), startTestNode(nats.url, 'b', always)]);
  const deadline = Date.now() + 10_000;
  const pay = (node: TestNode, n: number) =>
    node.host.command({ kind: KIND, id: 'hot', type: 'pay', input: { amount: 1 }, commandId: `c${n}`, deadline });
  // Every command is sent to both.
  await Promise.all(Array.from({ length: 200 }, (_, n) => Promise.all([pay(a, n), pay(b, n)])));
  const entries = (await historyOf(a, 'hot')).flatMap(({ data }) => decodeCommit(data).entries);
  expect(entries).toHaveLength(200);
  expect(new Set(entries.map(({ commandId }) => commandId)).size).toBe(200);
  await Promise.all([a.leave(), b.leave()]);
});

test('a late answer is not lost: the same command id gets the first outcome through another node', async () => {
  await using nats = await freshNats();
  await using members = await nodes(nats.url, 'a', 'b');
  const [a, b] = members;
  await seesAll(members);
  const first = await a.tills('till-1').pay({ amount: 5 }, { commandId: 'once' });
  const owner = [a, b].find(({ cluster }) => a.placement.ownerOf(KIND, partitionOf('till-1')) === cluster.nodeId);
  expect(owner).toBeDefined();
  const again = await b.tills('till-1').pay({ amount: 5 }, { commandId: 'once' });
  expect(again).toEqual(first);
});

test('NATS is killed and comes back: nodes find each other again, nothing is counted twice', {
  timeout: 60_000,
}, async () => {
  await using nats = await freshNats();
  await using members = await nodes(nats.url, 'a', 'b');
  const [a] = members;
  await seesAll(members);
  await Promise.all(ids(20).map((id) => a.tills(id).pay({ amount: 1 })));
  await nats.kill();
  const during = ids(20).map((id) => a.tills(id).pay({ amount: 1 }, { timeoutMs: 20_000 }));
  await nats.start();
  const began = performance.now();
  expect((await Promise.all(during)).every(({ ok, version }) => ok && version === 2)).toBe(true);
  process.stdout.write(`served again ${(performance.now() - began).toFixed(0)} ms after NATS is back\n`);
  await eventually(() => members.every(({ cluster }) => cluster.offering('actor-cart').length === 2));
});
