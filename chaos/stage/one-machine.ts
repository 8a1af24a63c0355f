/** Everything on one machine: one node, two that share the work, or HTTP apart from two nodes with the actors. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processesBelow } from '../../bench/cpu.ts';
import { type System, startOwn } from '../../bench/system.ts';
import { lastRun } from '../../brokers/launcher/run-file.ts';
import { ROOT } from '../../config/env.ts';
import { type ProcessName, pidsBelowLauncher, signal } from './processes.ts';
import type { Stage, StageKind, StageOptions } from './stage.ts';
import { WebhookRelay } from './webhook-relay.ts';

/** Long enough to be paid under most faults, short enough to be waited for. */
const RESERVATION_SECONDS = 4;
/** Longer than the launcher gives its own. */
const STOPPED_WITHIN_MS = 60_000;
const SERVERS: readonly ProcessName[] = ['nats-server', 'postgres', 'redis', 'simulator'];

export const folderOf = (stage: string): string => join('.haat-chaos', stage);

export async function openStage(
  name: string,
  processes: readonly ProcessName[],
  variables: Readonly<Record<string, string>>,
  { say, nodeOptions }: StageOptions,
): Promise<Stage> {
  const webhooks = await WebhookRelay.open();
  let system: System;
  try {
    system = await startOwn(
      folderOf(name),
      {
        RATE_LIMIT_FACTOR: '100000',
        RESERVATION_SECONDS: `${RESERVATION_SECONDS}`,
        GATEWAY_URL: webhooks.url,
        NODE_OPTIONS: nodeOptions,
        ...variables,
      },
      say,
    );
  } catch (error) {
    webhooks.close();
    throw error;
  }
  webhooks.deliverTo(system.api);
  return {
    name,
    system,
    processes,
    pidsOf: (process) => pidsBelowLauncher(system.dataDir, process),
    webhooks,
    async stop() {
      webhooks.close();
      await stopSurely(system);
    },
  };
}

/** Whatever state it is in. */
async function stopSurely(system: System): Promise<void> {
  const stopped = system.stop();
  const late = await Promise.race([stopped, pause(STOPPED_WITHIN_MS, 'late' as const, { ref: false })]);
  if (late === undefined) return;
  const launcher = lastRun(system.dataDir)?.pid;
  if (launcher !== undefined) for (const { pid } of processesBelow(launcher)) signal(pid, 'SIGKILL');
  await stopped;
}

export const clearFolder = (name: string): void => rmSync(join(ROOT, folderOf(name)), { recursive: true, force: true });

type Layout = { readonly LAYOUT: 'apart' | 'together'; readonly NODES: string };

const onOneMachine = (name: string, layout: Layout, nodes: readonly ProcessName[]): StageKind => ({
  name,
  faults: ['kill', 'pause', 'clock', 'webhooks', 'slow-disk'],
  share: 2,
  missing: async () => undefined,
  async start(options) {
    clearFolder(name);
    return openStage(name, [...nodes, ...SERVERS], layout, options);
  },
});

/** As `npm start` starts it. */
export const alone = onOneMachine('alone', { LAYOUT: 'together', NODES: '1' }, ['node']);
export const together = onOneMachine('together', { LAYOUT: 'together', NODES: '2' }, ['node-1', 'node-2']);
export const apart = onOneMachine('apart', { LAYOUT: 'apart', NODES: '2' }, ['gateway', 'actors-1', 'actors-2']);
