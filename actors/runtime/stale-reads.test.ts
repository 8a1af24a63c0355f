import { expect, test } from 'vitest';
import { harness } from './testing/harness.ts';
import { tillKind } from './testing/till.ts';
import { settle } from './testing/virtual-clock.ts';

/** Lets a turn be tried again: its pause is on the virtual clock. */
async function inTime({ clock }: Pick<ReturnType<typeof harness>, 'clock'>): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await settle();
    await clock.advance(50);
  }
}

test('a node that was stopped, and has lost an actor meanwhile, tells nobody what is no more', async () => {
  const world = harness(tillKind);
  const stopped = world.node();
  await stopped.send('a', 'pay', { amount: 1 });
  await world.node().send('a', 'pay', { amount: 2 });
  await world.clock.advance(2_000);
  const read = stopped.read('a');
  await inTime(world);
  expect(await read).toMatchObject({ version: 2 });
});

test('a watcher is told at once what happened elsewhere while its node was stopped', async () => {
  const world = harness(tillKind);
  const stopped = world.node();
  await stopped.send('a', 'pay', { amount: 1 });
  await world.node().send('a', 'pay', { amount: 2 });
  await world.clock.advance(2_000);
  const told: unknown[] = [];
  void stopped.watch('a', 1, world.clock.now() + 60_000).then((read) => told.push(read));
  await inTime(world);
  expect(told).toMatchObject([{ version: 2 }]);
});

test('a cold load from a replica that lags is not told either', async () => {
  const world = harness(tillKind);
  const writer = world.node();
  await writer.send('a', 'pay', { amount: 1 });
  await writer.send('a', 'pay', { amount: 2 });
  let behind = 1;
  const read = world.node({ lag: () => behind-- }).read('a');
  await inTime(world);
  expect(await read).toMatchObject({ version: 2 });
});

test('what the log has just confirmed is told without asking it again', async () => {
  const world = harness(tillKind);
  let asked = 0;
  const node = world.node({ onRead: () => ++asked < 0 });
  await node.send('a', 'pay', { amount: 1 });
  const before = asked;
  await node.read('a');
  await node.read('a');
  expect(asked).toBe(before);
});
