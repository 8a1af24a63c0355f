/** The faults of a run, and what is there again after them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Planned } from '../faults/fault.ts';
import type { Stage } from '../stage/stage.ts';

/** The launcher's longest pause before it starts something again, and the start. */
const BACK_WITHIN_MS = 45_000;

/** Everything that was killed must be there again. */
export async function notBack({ processes, pidsOf }: Stage): Promise<string | undefined> {
  const end = performance.now() + BACK_WITHIN_MS;
  for (;;) {
    const missing = processes.find((name) => pidsOf(name).length === 0);
    if (missing === undefined || performance.now() > end) return missing;
    await pause(100);
  }
}

/** All of them, each in its time; resolves when everything is healed. */
export async function inflict(stage: Stage, plan: readonly Planned[]): Promise<readonly string[]> {
  const skipped: string[] = [];
  await Promise.all(
    plan.map(async ({ what, atMs, holdMs, inject }) => {
      await pause(atMs);
      let heal: Awaited<ReturnType<typeof inject>>;
      try {
        heal = await inject(stage);
      } catch (error) {
        skipped.push(`${what}: ${error instanceof Error ? error.message : error}`);
        return;
      }
      await pause(holdMs);
      await heal();
    }),
  );
  return skipped;
}
