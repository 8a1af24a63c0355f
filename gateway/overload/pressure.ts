/**
 * What tells an overload: how late this process is, and how its actors answer, wherever they are. A command's time has in
 * it all that its node is behind with: its event loop, the actor's mailbox, the log. So no node needs to report.
 */

import type { CallFigures } from '../../brokers/rpc/call-figures.ts';

export type Signals = { readonly loopDelayMs: number; readonly calls: CallFigures };

export const NO_CALLS: CallFigures = { answered: 0, medianMs: 0, full: 0, late: 0 };

/** What is not yet too much. Found by measurement: bench/overload.ts. */
export const TARGETS = { loopDelayMs: 100, commandMs: 300, failedShare: 0.05 } as const;
/** From so many commands on, their figures mean something. */
const ENOUGH = 10;

/** The worst of the signals over its target. */
export function pressureOf({ loopDelayMs, calls }: Signals): number {
  const { answered, medianMs, full, late } = calls;
  const all = answered + full + late;
  const loop = loopDelayMs / TARGETS.loopDelayMs;
  if (all < ENOUGH) return loop;
  // Where most come to nothing, something is dead, not busy: letting less in would mend nothing, and pages need no actor.
  const failed = late * 2 < all ? (full + late) / all : full / all;
  return Math.max(loop, medianMs / TARGETS.commandMs, failed / TARGETS.failedShare);
}
