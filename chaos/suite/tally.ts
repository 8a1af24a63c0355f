/** The sum over all runs: what `--json` writes. */
import type { FaultName, Planned } from '../faults/fault.ts';
import { type Finding, stockLost } from '../verdict/judge.ts';
import type { RunResult } from './run.ts';

export type Tally = {
  runs: number;
  /** Orders. */
  acknowledged: number;
  lost: number;
  oversold: number;
  doubleCharged: number;
  unfinished: number;
  cartAnomalies: number;
  deadLetters: number;
  disagreements: number;
  /** Cart calls that were judged. */
  cartCalls: number;
  /** Steps that customers gave up without an answer: no fault, their outcome is open. */
  gaveUp: number;
  /** Confirmed, and cancelled and refunded after all: its hold had run out, and others had come. Allowed, and told. */
  stockLost: number;
  readonly faults: Partial<Record<FaultName, number>>;
  readonly runsByStage: Record<string, number>;
  readonly skippedFaults: string[];
  readonly failingSeeds: number[];
  slowestToRestMs: number;
};

export const newTally = (): Tally => ({
  runs: 0,
  acknowledged: 0,
  lost: 0,
  oversold: 0,
  doubleCharged: 0,
  unfinished: 0,
  cartAnomalies: 0,
  deadLetters: 0,
  disagreements: 0,
  cartCalls: 0,
  gaveUp: 0,
  stockLost: 0,
  faults: {},
  runsByStage: {},
  skippedFaults: [],
  failingSeeds: [],
  slowestToRestMs: 0,
});

const COUNTED = {
  lost: 'lost',
  oversold: 'oversold',
  doubleCharged: 'doubleCharged',
  unfinished: 'unfinished',
  cartAnomaly: 'cartAnomalies',
  deadLetter: 'deadLetters',
  disagreement: 'disagreements',
} as const satisfies Record<Finding['kind'], keyof Tally>;

export function count(
  tally: Tally,
  { seed, stage }: { readonly seed: number; readonly stage: string },
  plan: readonly Planned[],
  { diary, findings, evidence, skipped, settledMs }: RunResult,
): void {
  tally.runs++;
  tally.acknowledged += diary.told.length;
  tally.gaveUp += diary.gaveUp.length;
  if (evidence !== undefined) tally.stockLost += stockLost(evidence).length;
  for (const calls of diary.carts.values()) tally.cartCalls += calls.length;
  for (const { kind } of findings) tally[COUNTED[kind]]++;
  for (const { fault } of plan) tally.faults[fault] = (tally.faults[fault] ?? 0) + 1;
  tally.runsByStage[stage] = (tally.runsByStage[stage] ?? 0) + 1;
  tally.skippedFaults.push(...skipped.map((what) => `seed ${seed}: ${what}`));
  if (findings.length > 0) tally.failingSeeds.push(seed);
  tally.slowestToRestMs = Math.max(tally.slowestToRestMs, settledMs);
}

export const totalLine = ({
  runs,
  acknowledged,
  lost,
  oversold,
  doubleCharged,
  unfinished,
  cartAnomalies,
  deadLetters,
  disagreements,
}: Tally): string =>
  `${runs} runs: ${acknowledged} acknowledged, ${lost} lost, ${oversold} oversold, ${doubleCharged} double charged, ` +
  `${unfinished} unfinished, ${cartAnomalies} cart anomalies, ${deadLetters} dead letters, ${disagreements} disagreements`;
