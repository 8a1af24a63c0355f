/** What is broken in a run, and when: out of its seed alone, so that a seed is the same run again. */
import { clock } from '../faults/clock.ts';
import type { Fault, FaultName, Planned } from '../faults/fault.ts';
import { kill } from '../faults/kill.ts';
import { pause } from '../faults/pause.ts';
import { webhooks } from '../faults/webhooks.ts';
import { seeded } from '../random.ts';
import type { Stage, StageKind } from '../stage/stage.ts';

const FAULTS: { readonly [N in FaultName]?: Fault } = { kill, pause, clock, webhooks };

/** The customers' shopping is over after this long, but for what they have begun. */
export const SHOPPING_MS = 4_500;
const LAST_FAULT_MS = 3_000;

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

/** One to three of the faults that are allowed here. */
export function planOf(
  seed: number,
  { processes }: Pick<Stage, 'processes'>,
  allowed: readonly FaultName[],
): readonly Planned[] {
  const random = seeded(seed);
  const faults = allowed.flatMap((name) => FAULTS[name] ?? []);
  return Array.from({ length: 1 + random.below(3) }, () => {
    const fault = random.of(faults);
    const atMs = 200 + random.below(LAST_FAULT_MS);
    return { fault: fault.name, atMs, ...fault.plan(random, { processes }) };
  }).toSorted((a, b) => a.atMs - b.atMs);
}
