/** A quota on a real server, with two nodes that both believe they own it: everybody at once, and nothing given twice. */
import { jetstreamManager } from '@nats-io/jetstream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { freshNats } from '../../brokers/launcher/test-servers.ts';
import { historyStream } from '../../config/streams.ts';
import { connectNats } from '../../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../../stores/nats/jetstream-event-log.ts';
import { type OrderId, paise, type UserId } from '../ids.ts';
import { createActorHost } from '../runtime/host.ts';
import { quota } from './kind.ts';
import type { QuotaContract, QuotaView } from './quota.ts';

const logger = pino({ level: 'silent' });
const PATIENCE_MS = 15_000;
const ID = 'prm_TEA10';
const HOUR = 3_600_000;

async function node(url: string) {
  const nc = await connectNats(url, { name: 'quota-test', log: logger });
  const log = createJetStreamEventLog(nc, { timeoutMs: 2_000 });
  const host = createActorHost({ log, kinds: [quota], owns: () => true, logger });
  return {
    nc,
    /** As a caller does: again, with the same id, while the failure may pass. */
    async tell<K extends keyof QuotaContract & string>(
      type: K,
      input: QuotaContract[K]['input'],
      commandId: string,
    ): Promise<boolean> {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const reply = await host.command({ kind: 'quota', id: ID, type, input, commandId, deadline });
        if ('ok' in reply) return reply.ok;
        if (reply.failure !== 'log-unavailable') throw new Error(reply.failure);
      }
    },
    async view(): Promise<QuotaView> {
      const reply = await host.read('quota', ID, Date.now() + PATIENCE_MS);
      if ('failure' in reply) throw new Error(reply.failure);
      // The host answers what the kind's own view gave.
      return reply.view as QuotaView;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await host.stop(1_000);
      await log.close();
      await nc.close();
    },
  };
}

test('100 uses, wanted by 400 orders through two owners at once, each asking twice: 100 are used', async () => {
  await using server = await freshNats();
  await using one = await node(server.url);
  await using other = await node(server.url);
  await (await jetstreamManager(one.nc)).streams.add(historyStream('quota'));
  await one.tell('set', { limits: { uses: 100, budget: paise(95_000), perCustomer: 2 } }, 'set');
  const via = (n: number) => (n % 2 === 0 ? one : other);
  const claims = await Promise.all(
    Array.from({ length: 400 }, async (_, n) => {
      const orderId = `ord_${n}` as OrderId;
      const claim = { orderId, customer: `usr_${n % 130}` as UserId, amount: paise(900), expiresAt: Date.now() + HOUR };
      // The same order by two runs of its checkout, on two nodes.
      const [first, second] = await Promise.all([
        via(n).tell('claim', claim, `claim:${n}`),
        via(n + 1).tell('claim', claim, `again:${n}`),
      ]);
      return { n, orderId, granted: first && second, agreed: first === second };
    }),
  );
  const granted = claims.filter((claim) => claim.granted);
  expect(claims.every(({ agreed }) => agreed)).toBe(true);
  expect(granted).toHaveLength(100);
  await Promise.all(granted.map(({ n, orderId }) => via(n + 1).tell('confirm', { orderId }, `confirm:${n}`)));
  // Asked of one who has seen nothing yet: an owner that was overtaken may not know so.
  await using witness = await node(server.url);
  const left = { uses: 0, budget: 5_000 };
  expect(await witness.view()).toMatchObject({ held: 0, confirmed: 100, spent: 90_000, left });
});
