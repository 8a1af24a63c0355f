/** What is broken in a run, and when: out of its seed alone, so that a seed is the same run again. */
import { clock } from '../faults/clock.ts';
import { cluster } from '../faults/cluster.ts';
import type { Fault, FaultName, Planned } from '../faults/fault.ts';
import { fullDisk } from '../faults/full-disk.ts';
import { kill } from '../faults/kill.ts';
import { pause } from '../faults/pause.ts';
import { power } from '../faults/power.ts';
import { slowDisk } from '../faults/slow-disk.ts';
import { webhooks } from '../faults/webhooks.ts';
import { seeded } from '../random.ts';
import type { Stage, StageKind } from '../stage/stage.ts';

export const FAULTS: { readonly [N in FaultName]: Fault } = {
  kill,
  pause,
  clock,
  webhooks,
  cluster,
  power,
  'slow-disk': slowDisk,
  'full-disk': fullDisk,
};

/** The customers' shopping is over after this long, but for what they have begun. */
export const SHOPPING_MS = 4_000;
export const EARLY_MS = 2_000;
/** The flash sale ends among the faults. */
export const SALE_MS = 2_500;
const LAST_FAULT_MS = 2_500;

/** The stage of a seed, among those that can show one of the faults. */
export function stageOf(seed: number, stages: readonly StageKind[]): StageKind {
  const random = seeded(seed ^ 0x57a6e);
  const whole = stages.reduce((sum, { share }) => sum + share, 0);
  let place = random.below(whole);
  for (const stage of stages) {
    place -= stage.share;
    if (place < 0) return stage;
  }
  throw new RangeError('no stage can show these faults');
}

/** One to three of the faults that are allowed here; what the stage is there for is one of them. */
export function planOf(
  seed: number,
  { special, faults }: Pick<StageKind, 'special' | 'faults'>,
  { processes }: Pick<Stage, 'processes'>,
  allowed: readonly FaultName[],
): readonly Planned[] {
  const random = seeded(seed);
  const here = faults.filter((name) => allowed.includes(name));
  const others = here.filter((name) => name !== special);
  const planned: Planned[] = [];
  for (let left = 1 + random.below(3); left > 0; left--) {
    const first = planned.length === 0 && special !== undefined && here.includes(special);
    // A process is traced by one at a time.
    const possible = others.filter((name) => name !== 'slow-disk' || planned.every(({ fault }) => fault !== name));
    if (!first && possible.length === 0) break;
    const fault = first ? special : random.of(possible);
    const atMs = 200 + random.below(LAST_FAULT_MS);
    planned.push({ fault, atMs, ...FAULTS[fault].plan(random, { processes }) });
  }
  return planned.toSorted((a, b) => a.atMs - b.atMs);
}
