/** What can be tried on this machine. What cannot is skipped, and said so. */
import type { FaultName } from '../faults/fault.ts';
import type { StageKind } from '../stage/stage.ts';
import { FAULTS } from './plan.ts';

export type Able = { readonly stages: readonly StageKind[]; readonly faults: readonly FaultName[] };

/** Of the stages those that can show one of the faults. */
export async function ableTo(
  stages: readonly StageKind[],
  faults: readonly FaultName[],
  skip: (what: string) => void,
): Promise<Able> {
  const able: FaultName[] = [];
  for (const name of faults) {
    const missing = await FAULTS[name].missing?.();
    if (missing === undefined) able.push(name);
    else skip(`fault ${name}: ${missing}`);
  }
  const standing: StageKind[] = [];
  for (const stage of stages) {
    const shows = stage.special === undefined ? stage.faults : [stage.special];
    if (!shows.some((name) => able.includes(name))) continue;
    const missing = await stage.missing();
    if (missing === undefined) standing.push(stage);
    else skip(`stage ${stage.name}: ${missing}`);
  }
  return { stages: standing, faults: able };
}
