/** A wallet on a real server, with two nodes that both believe they own it, and with nodes that come and go. */
import { jetstreamManager } from '@nats-io/jetstream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { eventually, freshNats } from '../../brokers/launcher/test-servers.ts';
import { STREAMS } from '../../config/streams.ts';
import { connectNats } from '../../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../../stores/nats/jetstream-event-log.ts';
import { createPublisher } from '../../stores/nats/publisher.ts';
import { createReminders } from '../../stores/nats/reminders.ts';
import { type GrantId, type OrderId, paise, type TopUpId } from '../ids.ts';
import { createActorHost } from '../runtime/host.ts';
import { wallet } from './kind.ts';
import type { WalletContract, WalletView } from './wallet.ts';

const logger = pino({ level: 'silent' });
const PATIENCE_MS = 20_000;
const ID = 'usr_1';

async function node(url: string) {
  const nc = await connectNats(url, { name: 'wallet-test', log: logger });
  const log = createJetStreamEventLog(nc, { timeoutMs: 2_000 });
  const publisher = createPublisher(nc);
  const reminders = createReminders(publisher);
  const host = createActorHost({ log, kinds: [wallet], owns: () => true, logger, reminders });
  return {
    nc,
    /** As a caller does: again, with the same id, while the failure may pass. */
    async tell<K extends keyof WalletContract & string>(
      type: K,
      input: WalletContract[K]['input'],
      commandId: string,
    ): Promise<boolean> {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const reply = await host.command({ kind: 'wallet', id: ID, type, input, commandId, deadline });
        if ('ok' in reply) return reply.ok;
        if (reply.failure !== 'log-unavailable') throw new Error(reply.failure);
      }
    },
    async view(): Promise<WalletView> {
      const reply = await host.read('wallet', ID, Date.now() + PATIENCE_MS);
      if ('failure' in reply) throw new Error(reply.failure);
      // The host answers what the kind's own view gave.
      return reply.view as WalletView;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await host.stop(1_000);
      await log.close();
      publisher.close();
      await nc.close();
    },
  };
}

async function server() {
  const nats = await freshNats();
  const nc = await connectNats(nats.url, { name: 'wallet-setup', log: logger });
  const { streams } = await jetstreamManager(nc);
  for (const stream of STREAMS) if (['WALLET', 'TIMERS'].includes(stream.name)) await streams.add(stream);
  return {
    url: nats.url,
    nc,
    async [Symbol.asyncDispose]() {
      await nc.close();
      await nats[Symbol.asyncDispose]();
    },
  };
}

const order = (n: number) => `ord_${n}` as OrderId;

async function funded(through: Awaited<ReturnType<typeof node>>, amount: number): Promise<void> {
  await through.tell('recordKyc', { level: 'full', reference: 'kyc_1' }, 'kyc');
  await through.tell('topUp', { topUpId: 'top_1' as TopUpId, amount: paise(amount) }, 'top-up');
}

test('a balance for 10, wanted by 50 spends at once through two owners, each asked twice: 10 are paid', async () => {
  await using nats = await server();
  await using one = await node(nats.url);
  await using other = await node(nats.url);
  await funded(one, 1_000_00);
  const via = (n: number) => (n % 2 === 0 ? one : other);
  const spends = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const spend = { orderId: order(n), amount: paise(100_00) };
      const hold = { ...spend, until: Date.now() + 600_000 };
      // Half of them pay at once, half hold first. The same order by two runs of its checkout, on two nodes.
      const by = (which: number, id: string) =>
        n < 25 ? via(which).tell('pay', spend, id) : via(which).tell('hold', hold, id);
      const [first, again] = await Promise.all([by(n, `spend:${n}`), by(n + 1, `again:${n}`)]);
      expect(again).toBe(first);
      if (first && n >= 25) expect(await via(n + 1).tell('commit', { orderId: order(n) }, `commit:${n}`)).toBe(true);
      return first;
    }),
  );
  expect(spends.filter((granted) => granted)).toHaveLength(10);
  // Asked of one who has seen nothing yet: an owner that was overtaken may not know so.
  await using witness = await node(nats.url);
  expect(await witness.view()).toMatchObject({ balance: 0, held: { own: 0, credit: 0 } });
});

test('one top-up told by many at once, on two nodes, with ids of their own, is credited once', async () => {
  await using nats = await server();
  await using one = await node(nats.url);
  await using other = await node(nats.url);
  await funded(one, 1_00);
  const topUp = { topUpId: 'top_2' as TopUpId, amount: paise(50_00) };
  const told = await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : other).tell('topUp', topUp, `told:${n}`)),
  );
  expect(told.every((ok) => ok)).toBe(true);
  await using witness = await node(nats.url);
  expect((await witness.view()).balance).toBe(51_00);
});

test('what one node has done, the next goes on with: nothing lost, nothing twice', async () => {
  await using nats = await server();
  const hold = { orderId: order(1), amount: paise(150_00), until: Date.now() + 600_000 };
  const grant = { grantId: 'g_1' as GrantId, amount: paise(40_00), expiresAt: Date.now() + 600_000, reason: 'test' };
  {
    await using first = await node(nats.url);
    await funded(first, 200_00);
    expect(await first.tell('grant', grant, 'grant')).toBe(true);
    expect(await first.tell('hold', hold, 'hold')).toBe(true);
  }
  await using second = await node(nats.url);
  expect(await second.view()).toMatchObject({ balance: 90_00, credit: 0, held: { own: 110_00, credit: 40_00 } });
  expect(await second.tell('hold', hold, 'hold')).toBe(true);
  expect(await second.tell('hold', hold, 'hold, by another id')).toBe(true);
  expect(await second.tell('grant', grant, 'grant, by another id')).toBe(true);
  expect(await second.tell('commit', { orderId: order(1) }, 'commit')).toBe(true);
  await using third = await node(nats.url);
  expect(await third.tell('commit', { orderId: order(1) }, 'commit, by another id')).toBe(true);
  expect(await third.view()).toMatchObject({ balance: 90_00, credit: 0, held: { own: 0, credit: 0 } });
});

test('a reminder is stored for what runs out first', async () => {
  await using nats = await server();
  await using one = await node(nats.url);
  await funded(one, 200_00);
  const until = Date.now() + 600_000;
  await one.tell('hold', { orderId: order(1), amount: paise(1_00), until }, 'hold');
  const { streams } = await jetstreamManager(nats.nc);
  const stored = async () => (await streams.info('TIMERS')).state.messages;
  await eventually(async () => (await stored()) === 1, { withinMs: 10_000 });
  await one.tell('commit', { orderId: order(1) }, 'commit');
  // Nothing is left that could run out.
  await eventually(async () => (await stored()) === 0, { withinMs: 10_000 });
});
