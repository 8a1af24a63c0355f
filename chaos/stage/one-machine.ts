/** Everything as `npm start` starts it, with two nodes: HTTP apart from the actors, or together with them. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type System, startOwn } from '../../bench/system.ts';
import { ROOT } from '../../config/env.ts';
import { type ProcessName, pidsBelowLauncher } from './processes.ts';
import type { Stage, StageKind, StageOptions } from './stage.ts';
import { WebhookRelay } from './webhook-relay.ts';

/** Long enough to be paid under most faults, short enough to be waited for. */
const RESERVATION_SECONDS = 4;
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
        NODES: '2',
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
      await system.stop();
      webhooks.close();
    },
  };
}

export const clearFolder = (name: string): void => rmSync(join(ROOT, folderOf(name)), { recursive: true, force: true });

const onOneMachine = (name: string, layout: string, nodes: readonly ProcessName[]): StageKind => ({
  name,
  faults: ['kill', 'pause', 'clock', 'webhooks', 'slow-disk'],
  share: 3,
  missing: () => undefined,
  async start(options) {
    clearFolder(name);
    return openStage(name, [...nodes, ...SERVERS], { LAYOUT: layout }, options);
  },
});

export const apart = onOneMachine('apart', 'apart', ['gateway', 'actors-1', 'actors-2']);
export const together = onOneMachine('together', 'together', ['node-1', 'node-2']);
