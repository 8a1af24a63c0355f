/**
 * NATS on a machine whose power fails. Its store is a file system in an image, on a loop device: what was written and not
 * synced is in memory only, as with a real disk. At the cut the server is killed and the image copied as it is; the copy
 * is what the machine finds when the power is back, and the file system is mended by its journal. What the kernel has
 * written back by itself until then is in it, as it may be on a real disk. (Not modelled: a disk that lies about a sync.)
 */
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../brokers/launcher/servers/ports.ts';
import { ROOT } from '../../config/env.ts';
import { KeptServer } from './kept-server.ts';
import { startNatsMachine } from './nats-machine.ts';
import { clearFolder, folderOf, openStage } from './one-machine.ts';
import { inFolder, shell, whyNot } from './shell.ts';
import type { Stage, StageKind, StageOptions } from './stage.ts';

const IMAGE_BYTES = 512 * 1_048_576;
const NAME = 'power';

/** `syncInterval`: `always` is what is promised; with anything longer an acknowledged order may be lost. */
export const startPower =
  (syncInterval: string) =>
  async (options: StageOptions): Promise<Stage> => {
    clearFolder(NAME);
    const dir = join(ROOT, folderOf(NAME), 'machine');
    const image = join(dir, 'disk.img');
    const disk = join(dir, 'disk');
    await makeDisk(image, disk, IMAGE_BYTES);
    let loop = await mount(image, disk);
    const port = await freePort();
    const storeDir = join(disk, 'store');
    const machine = { name: 'haat-power', host: '127.0.0.1', port, storeDir, dir, syncInterval };
    const nats = new KeptServer(() => startNatsMachine(machine));
    const close = async (): Promise<void> => {
      await nats.takeDown();
      // The power may be off.
      await unmount(loop, disk).catch(() => undefined);
    };
    try {
      await nats.bringUp();
      const variables = { LAYOUT: 'apart', NODES: '1', NATS_URL: `nats://127.0.0.1:${port}` };
      const stage = await openStage(NAME, ['gateway', 'actors', 'simulator'], variables, options);
      // The streams themselves are old by then.
      await shell('sync', '-f', disk);
      return {
        ...stage,
        servers: { cutPower },
        async stop() {
          await stage.stop();
          await close();
        },
      };
    } catch (error) {
      await close();
      throw error;
    }

    async function cutPower(): Promise<() => Promise<void>> {
      await nats.takeDown();
      const found = join(dir, 'found.img');
      await shell('cp', '--sparse=always', image, found);
      await unmount(loop, disk);
      rmSync(image);
      renameSync(found, image);
      return async () => {
        loop = await mount(image, disk);
        await nats.bringUp();
      };
    }
  };

export const power: StageKind = {
  name: NAME,
  faults: ['power', 'kill', 'pause', 'webhooks'],
  special: 'power',
  share: 1,
  missing: () =>
    whyNot('a file system in an image must be mounted', () =>
      inFolder(async (folder) => {
        const image = join(folder, 'disk.img');
        const disk = join(folder, 'disk');
        await makeDisk(image, disk, 16 * 1_048_576);
        await unmount(await mount(image, disk), disk);
      }),
    ),
  start: startPower('always'),
};

async function makeDisk(image: string, disk: string, bytes: number): Promise<void> {
  mkdirSync(disk, { recursive: true });
  writeFileSync(image, '');
  truncateSync(image, bytes);
  await shell('mkfs.ext4', '-q', '-F', '-m0', image);
}

/** The longest `commit`: nothing is written back sooner than the kernel wants. */
async function mount(image: string, disk: string): Promise<string> {
  const loop = await shell('losetup', '--find', '--show', image);
  await shell('mount', '-o', 'commit=300', loop, disk);
  return loop;
}

async function unmount(loop: string, disk: string): Promise<void> {
  await shell('umount', '-l', disk);
  await shell('losetup', '-d', loop);
}
