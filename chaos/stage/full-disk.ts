/**
 * NATS on a disk that is too small: a tmpfs of its own, filled to the last byte. Space alone does not heal it: nats-server
 * refuses a stream that it once failed to write until it is started again, so that is done as an operator would.
 */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../brokers/launcher/servers/ports.ts';
import { ROOT } from '../../config/env.ts';
import { KeptServer } from './kept-server.ts';
import { startNatsMachine } from './nats-machine.ts';
import { clearFolder, folderOf, openStage } from './one-machine.ts';
import { inFolder, shell, whyNot } from './shell.ts';
import type { Stage, StageKind, StageOptions } from './stage.ts';

const NAME = 'full-disk';
const SIZE = '768m';

export const fullDisk: StageKind = {
  name: NAME,
  faults: ['full-disk', 'kill', 'pause', 'webhooks'],
  special: 'full-disk',
  share: 1,
  missing: () =>
    whyNot('a small disk must be mounted', () =>
      inFolder(async (disk) => {
        await shell('mount', '-t', 'tmpfs', '-o', 'size=1m', 'haat-chaos', disk);
        await shell('umount', disk);
      }),
    ),
  start,
};

async function start(options: StageOptions): Promise<Stage> {
  clearFolder(NAME);
  const dir = join(ROOT, folderOf(NAME), 'machine');
  const disk = join(dir, 'disk');
  mkdirSync(disk, { recursive: true });
  await shell('mount', '-t', 'tmpfs', '-o', `size=${SIZE}`, 'haat-chaos', disk);
  const port = await freePort();
  const storeDir = join(disk, 'store');
  const machine = { name: 'haat-full', host: '127.0.0.1', port, storeDir, dir, syncInterval: '2m' };
  const nats = new KeptServer(() => startNatsMachine(machine));
  const filler = join(disk, 'filler');
  const close = async (): Promise<void> => {
    await nats.takeDown();
    await shell('umount', '-l', disk);
  };
  try {
    await nats.bringUp();
    const variables = { LAYOUT: 'apart', NODES: '1', NATS_URL: `nats://127.0.0.1:${port}` };
    const stage = await openStage(NAME, ['gateway', 'actors', 'simulator'], variables, options);
    return {
      ...stage,
      servers: { fillDisk },
      async stop() {
        await stage.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }

  async function fillDisk(): Promise<() => Promise<void>> {
    fill(filler);
    return async () => {
      rmSync(filler, { force: true });
      await nats.takeDown();
      await nats.bringUp();
    };
  }
}

/** To the last byte. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const size of [1_048_576, 4_096, 1]) {
      const zeros = Buffer.alloc(size);
      while (written(file, zeros));
    }
  } finally {
    closeSync(file);
  }
}

function written(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}
