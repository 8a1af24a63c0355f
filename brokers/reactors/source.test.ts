import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Actors } from '../../actors/clients.ts';
import type { OrderId } from '../../actors/ids.ts';
import { RetryAt } from '../../actors/runtime/reactor.ts';
import { reconcileStreams } from '../../config/nats/reconcile.ts';
import { createReservations } from '../../stores/kv/reservations.ts';
import { connectNats } from '../../stores/nats/connection.ts';
import { createPublisher } from '../../stores/nats/publisher.ts';
import { createReminders } from '../../stores/nats/reminders.ts';
import { eventually, freshNats } from '../launcher/test-servers.ts';
import { joinCluster } from '../rpc/cluster.ts';
import { createPlacement } from '../rpc/placement.ts';
import { quiet } from '../rpc/testing/nodes.ts';
import { runReactor } from './reactor.ts';
import { expirySource, reminderSource, type Source } from './source.ts';

async function reading(source: Source) {
  const server = await freshNats();
  const nodeId = `node-${randomBytes(3).toString('hex')}`;
  const nc = await connectNats(server.url, { name: nodeId, log: quiet });
  await reconcileStreams(nc, { replicas: 1, log: quiet });
  const publisher = createPublisher(nc);
  const cluster = await joinCluster({ nodeId, natsUrl: server.url, log: quiet });
  const placement = createPlacement(cluster);
  const reactor = await runReactor({ source, nc, publisher, cluster, placement, log: quiet });
  return {
    reservations: createReservations(publisher),
    reminders: createReminders(publisher),
    async [Symbol.asyncDispose]() {
      await reactor.stop();
      await cluster.leave();
      publisher.close();
      await nc.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a claim that runs out of time wakes its order, again if it is too early; one that was cleared does not', async () => {
  const woken: string[] = [];
  const source = expirySource<OrderId>({
    name: 'reservation-expiry',
    bucket: 'reservations',
    async expired(id) {
      woken.push(id);
      if (woken.length === 1) throw new RetryAt(Date.now() + 30, 'not due yet');
    },
  });
  await using world = await reading(source);
  await world.reservations.claim('ord_paid' as OrderId, 1_000);
  await world.reservations.claim('ord_late' as OrderId, 1_000);
  await world.reservations.clear('ord_paid' as OrderId);
  await eventually(() => woken.length === 2, { withinMs: 10_000 });
  await world.reservations.claim('ord_last' as OrderId, 1_000);
  await eventually(() => woken.length === 3, { withinMs: 10_000 });
  expect(woken).toEqual(['ord_late', 'ord_late', 'ord_last']);
});

test('a reminder that is due comes to its actor, once, with an id of its own; a cancelled one does not', async () => {
  const asked: { id: string; name: string; commandId: string }[] = [];
  const cart = (id: string) => ({
    remind: async ({ name }: { name: string }, { commandId }: { commandId: string }) => {
      asked.push({ id, name, commandId });
    },
  });
  const actors: unknown = { cart };
  await using world = await reading(reminderSource(actors as Actors));
  const at = (ms: number) => Date.now() + ms;
  await world.reminders.schedule({ kind: 'cart', id: 'usr_c', name: 'abandoned', at: at(300) });
  await world.reminders.schedule({ kind: 'cart', id: 'usr_a', name: 'abandoned', at: at(60_000) });
  await world.reminders.schedule({ kind: 'cart', id: 'usr_a', name: 'abandoned', at: at(400) });
  await world.reminders.cancel({ kind: 'cart', id: 'usr_c', name: 'abandoned' });
  await eventually(() => asked.length === 1, { withinMs: 10_000 });
  await world.reminders.schedule({ kind: 'cart', id: 'usr_b', name: 'abandoned', at: at(-1_000) });
  await eventually(() => asked.length === 2, { withinMs: 10_000 });
  expect(asked.map(({ id, name }) => `${id} ${name}`)).toEqual(['usr_a abandoned', 'usr_b abandoned']);
  expect(asked[0]?.commandId).toMatch(/^usr_a:remind:abandoned:\d+$/);
});
