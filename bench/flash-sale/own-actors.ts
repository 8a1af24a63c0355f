/** Actors to sell from: all in this process, or on nodes of their own that are each held to a share of a core. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Actors } from '../../actors/clients.ts';
import { sale } from '../../actors/flash-sale/kind.ts';
import { createActorHost } from '../../actors/runtime/host.ts';
import { sku } from '../../actors/sku/kind.ts';
import { startNodeProcess } from '../../brokers/launcher/node-process.ts';
import { findNatsServer } from '../../brokers/launcher/servers/binaries.ts';
import { startNats } from '../../brokers/launcher/servers/nats.ts';
import { layFoundation } from '../../brokers/roles/foundation.ts';
import { createActors } from '../../brokers/rpc/proxies.ts';
import { folders, inherited, ROOT, readEnv } from '../../config/env.ts';
import { reconcileStreams } from '../../config/nats/reconcile.ts';
import { connectNats } from '../../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../../stores/nats/jetstream-event-log.ts';
import type { Quotas } from '../nodes/quota.ts';

type Say = (text: string) => void;
const log = pino({ level: 'error' });

export async function inThisProcess(
  syncInterval: string,
  say: Say,
  work: (actors: Actors) => Promise<void>,
): Promise<void> {
  await withNats(syncInterval, say, async (url) => {
    const nc = await connectNats(url, { name: 'bench', log });
    const events = createJetStreamEventLog(nc);
    try {
      await reconcileStreams(nc, { replicas: 1, log });
      const host = createActorHost({ log: events, kinds: [sku, sale], owns: () => true, logger: log });
      const nodeId = 'bench';
      const nobody = async (): Promise<never> => Promise.reject(new Error('there is no other node'));
      await work(createActors({ cluster: { nodeId, call: nobody }, placement: { ownerOf: () => nodeId }, host }));
      await host.stop(5_000);
    } finally {
      await events.close();
      await nc.close();
    }
  });
}

/** `share`: of a core, from when `warm` is over. */
export async function onNodes(
  { count, share, quotas }: { readonly count: number; readonly share: number; readonly quotas: Quotas },
  say: Say,
  warm: (actors: Actors) => Promise<unknown>,
  work: (actors: Actors) => Promise<void>,
): Promise<void> {
  await withNats('2m', say, async (url, dir) => {
    const ends: (() => Promise<void> | void)[] = [];
    try {
      const env = { ...inherited(), NATS_URL: url, DATA_DIR: dir, LOG_LEVEL: 'error' };
      const pids: number[] = [];
      for (let n = 0; n < count; n++) {
        const options = { name: `stock${n}`, roles: ['sku'], dataDir: dir, logFile: join(dir, 'nodes.log'), env };
        const node = await startNodeProcess(options);
        ends.push(() => node.stop());
        pids.push(node.pid);
      }
      const parts = await layFoundation({
        env: readEnv({ NATS_URL: url, DATA_DIR: dir }),
        log,
        nodeId: 'bench',
        kinds: [],
        onStop: (close) => void ends.push(close),
      });
      await warm(parts.actors);
      for (const pid of pids) quotas.hold(pid, share);
      await work(parts.actors);
    } finally {
      for (const end of ends.toReversed()) await end();
    }
  });
}

async function withNats(
  syncInterval: string,
  say: Say,
  work: (url: string, dir: string) => Promise<void>,
): Promise<void> {
  // In the checkout: a /tmp in memory would make an fsync cost nothing.
  const dir = join(ROOT, '.haat-bench', 'flash-sale');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const { binary } = await findNatsServer(folders(), say);
  const server = await startNats({ binary, dir, syncInterval });
  try {
    await work(server.url, dir);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
