/**
 * Three NATS servers at R3, each in a network namespace of its own, on one bridge: any of them can be lost, and any of
 * their links be cut without the others or the clients noticing more than silence.
 */
import { join } from 'node:path';
import { ROOT } from '../../config/env.ts';
import { KeptServer } from './kept-server.ts';
import { startNatsMachine } from './nats-machine.ts';
import { clearFolder, folderOf, openStage } from './one-machine.ts';
import { shell, whyNot, works } from './shell.ts';
import type { Stage, StageKind, StageOptions } from './stage.ts';

const NAME = 'cluster';
const NODES = [1, 2, 3] as const;
const PORT = 4222;
const ROUTE_PORT = 6222;

/** Other suites on this machine have others. */
const netOf = (pid: number): number => pid % 200;
const mine = netOf(process.pid);
const bridge = (net = mine): string => `hc${net}`;
const address = (n: number): string => `10.213.${mine}.${n + 10}`;
const namespace = (n: number, net = mine): string => `haat-chaos-${net}-${n}`;
const outside = (n: number, net = mine): string => `hc${net}o${n}`;

export const cluster: StageKind = {
  name: NAME,
  faults: ['cluster', 'kill', 'pause', 'webhooks'],
  special: 'cluster',
  share: 1,
  missing: () =>
    whyNot('network namespaces must be made', async () => {
      await layNet().finally(() => clearNet());
    }),
  start: (options) => startCluster(options, '3'),
};

export async function startCluster(options: StageOptions, replicas: string): Promise<Stage> {
  clearFolder(NAME);
  await layNet();
  const servers = NODES.map((n) => {
    const dir = join(ROOT, folderOf(NAME), `server-${n}`);
    const routes = NODES.filter((other) => other !== n).map((other) => `nats://${address(other)}:${ROUTE_PORT}`);
    const by = ['ip', 'netns', 'exec', namespace(n)];
    const machine = { name: `haat-${n}`, host: address(n), port: PORT, storeDir: join(dir, 'store'), dir, by };
    const settings = { ...machine, syncInterval: '2m', cluster: { port: ROUTE_PORT, routes } };
    return new KeptServer(() => startNatsMachine(settings));
  });
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.takeDown()));
    await clearNet();
  };
  try {
    await Promise.all(servers.map((server) => server.bringUp()));
    const url = NODES.map((n) => `nats://${address(n)}:${PORT}`).join(',');
    const variables = { LAYOUT: 'apart', NODES: '1', NATS_URL: url, STREAM_REPLICAS: replicas };
    const processes = ['gateway', 'actors', 'simulator'] as const;
    const stage = await openStage(NAME, processes, variables, options);
    return {
      ...stage,
      pidsOf(name) {
        const n = Number(/^nats-(\d)$/.exec(name)?.[1]);
        return Number.isNaN(n) ? stage.pidsOf(name) : [servers[n - 1]?.pid ?? []].flat();
      },
      servers: { links: NODES.map((n) => () => cutLink(n)) },
      async stop() {
        await stage.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function cutLink(n: number): Promise<() => Promise<void>> {
  await shell('ip', 'link', 'set', outside(n), 'down');
  return async () => void (await shell('ip', 'link', 'set', outside(n), 'up'));
}

async function layNet(): Promise<void> {
  await clearNet();
  await shell('ip', 'link', 'add', bridge(), 'type', 'bridge');
  await shell('ip', 'addr', 'add', `10.213.${mine}.1/24`, 'dev', bridge());
  await shell('ip', 'link', 'set', bridge(), 'up');
  for (const n of NODES) {
    const inside = `hc${mine}i${n}`;
    await shell('ip', 'netns', 'add', namespace(n));
    await shell('ip', 'link', 'add', outside(n), 'type', 'veth', 'peer', 'name', inside, 'netns', namespace(n));
    await shell('ip', 'link', 'set', outside(n), 'master', bridge(), 'up');
    await shell('ip', '-n', namespace(n), 'addr', 'add', `${address(n)}/24`, 'dev', inside);
    await shell('ip', '-n', namespace(n), 'link', 'set', inside, 'up');
    await shell('ip', '-n', namespace(n), 'link', 'set', 'lo', 'up');
  }
}

/** Also what a suite that was killed has left: `pid` was its. */
export async function clearNet(pid = process.pid): Promise<void> {
  const net = netOf(pid);
  for (const n of NODES) {
    await works('ip', 'link', 'del', outside(n, net));
    await works('ip', 'netns', 'del', namespace(n, net));
  }
  await works('ip', 'link', 'del', bridge(net));
}
