/**
 * What tells an overload: how late this process is, and how its actors answer, wherever they are. A command's time has in
 * it all that its node is behind with: its event loop, the actor's mailbox, the log. So no node needs to report.
 */

import type { CallFigures } from '../../brokers/rpc/call-figures.ts';

export type Signals = {
  readonly loopDelayMs: number;
  readonly calls: CallFigures;
  /** What a command takes while nobody waits (usual-time.ts); 0: not known. */
  readonly usualMs: number;
};

export const NO_CALLS: CallFigures = { answered: 0, medianMs: 0, full: 0, late: 0 };

export type Targets = {
  readonly loopDelayMs: number;
  /** Or so many times the usual, where that is more. */
  readonly commandMs: number;
  readonly timesUsual: number;
  readonly failedShare: number;
};

/**
 * What is not yet too much: for the lesser classes, which are shed so that class 1 does not feel the load; and for class
 * 1, of which a part is shed only so that the rest is served in time. Found by measurement: docs/decisions/17.
 */
export const TARGETS = {
  lesser: { loopDelayMs: 6, commandMs: 15, timesUsual: 3, failedShare: 0.02 },
  first: { loopDelayMs: 12, commandMs: 25, timesUsual: 5, failedShare: 0.1 },
} as const satisfies Readonly<Record<string, Targets>>;
/** From so many commands on, their figures mean something. */
const ENOUGH = 10;

/** The worst of the signals over its target. */
export function pressureOf({ loopDelayMs, calls, usualMs }: Signals, targets: Targets): number {
  const { answered, medianMs, full, late } = calls;
  const all = answered + full + late;
  const loop = loopDelayMs / targets.loopDelayMs;
  if (all < ENOUGH) return loop;
  // Where most come to nothing, something is dead, not busy: letting less in would mend nothing, and pages need no actor.
  const failed = late * 2 < all ? (full + late) / all : full / all;
  const commandMs = Math.max(targets.commandMs, targets.timesUsual * usualMs);
  return Math.max(loop, medianMs / commandMs, failed / targets.failedShare);
}
