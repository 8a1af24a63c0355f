/** The runtime on a real server: the races and the deaths that the log in memory only imitates. */
import { jetstreamManager } from '@nats-io/jetstream';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { freshNats } from '../../brokers/launcher/test-servers.ts';
import { streamOf, subjects } from '../../config/subjects.ts';
import { connectNats } from '../../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../../stores/nats/jetstream-event-log.ts';
import type { CommitEntry } from './commit.ts';
import { decodeCommit } from './commit-encoding.ts';
import { createActorHost } from './host.ts';
import { tillKind } from './testing/till.ts';

const logger = pino({ level: 'silent' });
const PATIENCE_MS = 15_000;

async function node(url: string) {
  const nc = await connectNats(url, { name: 'runtime-test', log: logger });
  const log = createJetStreamEventLog(nc, { timeoutMs: 2_000 });
  const host = createActorHost({ log, kinds: [tillKind], owns: () => true, logger });
  return {
    nc,
    log,
    /** As a caller does: again, with the same id, while the failure may pass. */
    async pay(id: string, commandId: string): Promise<number> {
      const deadline = Date.now() + PATIENCE_MS;
      const envelope = { kind: 'till', id, type: 'pay', input: { amount: 1 }, commandId, deadline };
      for (;;) {
        const reply = await host.command(envelope);
        if ('ok' in reply) return reply.version;
        if (reply.failure !== 'log-unavailable') throw new Error(reply.failure);
      }
    },
    read: (id: string) => host.read('till', id, Date.now() + PATIENCE_MS),
    async history(id: string): Promise<readonly CommitEntry[]> {
      const messages = await log.read(streamOf('till'), subjects.actor('till', id), 0);
      return messages.flatMap(({ data }) => decodeCommit(data).entries);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await host.stop(1_000);
      await log.close();
      await nc.close();
    },
  };
}

const addStream = async (nc: Awaited<ReturnType<typeof node>>['nc']): Promise<void> => {
  await (await jetstreamManager(nc)).streams.add({ name: 'TILL', subjects: ['till.*.*'], allow_direct: true });
};

describe('on JetStream', () => {
  test('two nodes that both believe they own an actor: every command once, in one order', async () => {
    await using server = await freshNats();
    await using one = await node(server.url);
    await using other = await node(server.url);
    await addStream(one.nc);
    const versions = await Promise.all(
      Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? one : other).pay('a', `c${i}`)),
    );
    const history = await one.history('a');
    expect(history.map(({ commandId }) => commandId).toSorted()).toEqual(versions.map((_, i) => `c${i}`).toSorted());
    versions.forEach((version, i) => {
      expect(history[version - 1]?.commandId).toBe(`c${i}`);
    });
  });

  test('the server is killed again and again under load: every command once, and answered', async () => {
    await using server = await freshNats();
    await using one = await node(server.url);
    await addStream(one.nc);
    const actors = ['a', 'b', 'c', 'd'];
    let sent = 0;
    let answered = 0;
    let running = true;
    const buyer = async (): Promise<void> => {
      while (running) {
        const n = sent++;
        await one.pay(actors[n % actors.length] as string, `c${n}`);
        answered += 1;
      }
    };
    const buyers = Array.from({ length: 64 }, buyer);
    for (let kills = 0; kills < 3; kills++) {
      const before = answered;
      while (answered < before + 2_000) await new Promise((resolve) => setImmediate(resolve));
      await server.kill();
      await server.start();
    }
    running = false;
    await Promise.all(buyers);
    expect(answered).toBe(sent);
    const histories = await Promise.all(actors.map((id) => one.history(id)));
    const ids = histories.flat().map(({ commandId }) => commandId);
    expect(ids).toHaveLength(sent);
    expect(new Set(ids).size).toBe(sent);
    await using fresh = await node(server.url);
    for (const [i, id] of actors.entries()) {
      const total = histories[i]?.length ?? 0;
      expect(await fresh.read(id)).toMatchObject({ version: total, view: { total } });
    }
  });
});
