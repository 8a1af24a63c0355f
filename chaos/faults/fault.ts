/** A fault: planned out of the seed alone, inflicted on a stage, and healed again. */
import type { Random } from '../random.ts';
import type { Stage } from '../stage/stage.ts';

export const FAULT_NAMES = [
  'kill',
  'pause',
  'cluster',
  'slow-disk',
  'clock',
  'webhooks',
  'full-disk',
  'power',
] as const;
export type FaultName = (typeof FAULT_NAMES)[number];

export type Planned = {
  readonly fault: FaultName;
  /** For people: what is done to whom. */
  readonly what: string;
  /** After the shopping has begun. */
  readonly atMs: number;
  readonly holdMs: number;
  /** How much later than usual the run may be at rest: a clock that was wrong has set deadlines. */
  readonly lateMs?: number;
  /** The answer heals. Rejects if it could not be inflicted. */
  readonly inject: (stage: Stage) => Promise<() => Promise<void> | void>;
};

export type Fault = {
  readonly name: FaultName;
  /** Why it cannot be inflicted on this machine; undefined: it can. */
  readonly missing?: () => Promise<string | undefined>;
  readonly plan: (random: Random, stage: Pick<Stage, 'processes'>) => Omit<Planned, 'fault' | 'atMs'>;
};
