import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterEach, expect, test } from 'vitest';
import { loadEnv } from '../../../config/env.ts';
import { eventually } from '../test-servers.ts';
import type { RunningServer } from './child.ts';
import { ownServers } from './own.ts';

const dir = mkdtempSync(join(tmpdir(), 'haat-own-'));
const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.kill()));
  rmSync(dir, { recursive: true, force: true });
});

const natsServers = (variables: Readonly<Record<string, string>>) =>
  ownServers(loadEnv({ DATA_DIR: dir, ...variables })).filter(({ variable }) => variable === 'NATS_URL');
const quiet = (): void => undefined;

test('three copies: three servers, of which any one may die', { timeout: 60_000 }, async () => {
  const launches = await Promise.all(
    natsServers({ STREAM_REPLICAS: '3', NATS_SYNC_INTERVAL: 'always' }).map((server) =>
      server.prepare(quiet, undefined),
    ),
  );
  running.push(...(await Promise.all(launches.map((launch) => launch()))));
  expect(running).toHaveLength(3);
  const nc = await connect({ servers: running.map(({ url }) => url), reconnectTimeWait: 20 });
  const { streams } = await eventually(() => jetstreamManager(nc, { timeout: 2_000 }), { withinMs: 20_000 });
  await eventually(() => streams.add({ name: 'KEPT', subjects: ['kept'], num_replicas: 3 }), { withinMs: 20_000 });
  await running[1]?.kill();
  const kept = await eventually(() => jetstream(nc, { timeout: 2_000 }).publish('kept', 'a fact'), {
    withinMs: 20_000,
  });
  expect(kept.seq).toBeGreaterThan(0);
  await nc.close();
});

test('streams of one server are not left behind for an empty cluster, nor the other way round', async () => {
  mkdirSync(join(dir, 'nats', 'store'), { recursive: true });
  for (const server of natsServers({ STREAM_REPLICAS: '3' }))
    await expect(server.prepare(quiet, undefined)).rejects.toThrow('STREAM_REPLICAS must be 1');
  rmSync(join(dir, 'nats'), { recursive: true });
  mkdirSync(join(dir, 'nats-1', 'store'), { recursive: true });
  for (const server of natsServers({})) await expect(server.prepare(quiet, undefined)).rejects.toThrow('on a cluster');
});
