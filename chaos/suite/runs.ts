/** Many seeds: those of one stage one after the other, so that each stage is started once. */
import { setTimeout as pause } from 'node:timers/promises';
import { HttpClient } from '../../bench/shop/http.ts';
import type { FaultName } from '../faults/fault.ts';
import { newDiary } from '../shoppers/diary.ts';
import { type Staff, staffOf } from '../shoppers/goods.ts';
import { cluster } from '../stage/cluster.ts';
import { fullDisk } from '../stage/full-disk.ts';
import { alone, apart, clearFolder, together } from '../stage/one-machine.ts';
import { power } from '../stage/power.ts';
import type { Stage, StageKind } from '../stage/stage.ts';
import { Books } from '../verdict/evidence.ts';
import { ableTo } from './abilities.ts';
import { keep } from './keep.ts';
import { planOf, stageOf } from './plan.ts';
import { type RunResult, runOnce } from './run.ts';
import { count, newTally, type Tally, totalLine } from './tally.ts';

export const STAGES: readonly StageKind[] = [alone, together, apart, cluster, fullDisk, power];

/** With every customer's patience at its end, and all that is waited for afterwards. */
const RUN_WITHIN_MS = 240_000;
/** What is told to have taken long. */
const LONG_MS = 8_000;
/** Access tokens live for longer. */
const STAFF_MS = 5 * 60_000;

export type Suite = {
  readonly seeds: readonly number[];
  readonly faults: readonly FaultName[];
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  /** Told after each run. */
  readonly soFar?: (tally: Tally) => void;
};

const CLOCK = `--import ${new URL('../faults/clock-preload.ts', import.meta.url).href}`;

export async function runSeeds(suite: Suite): Promise<Tally> {
  const { seeds, faults, say, signal } = suite;
  const tally = newTally();
  const able = await ableTo(STAGES, faults, (what) => {
    say(`skipped: ${what}`);
    tally.skippedFaults.push(what);
  });
  for (const kind of able.stages) {
    const mine = seeds.filter((seed) => stageOf(seed, able.stages) === kind);
    if (mine.length === 0 || signal.aborted) continue;
    await onStage(kind, mine, { ...suite, faults: able.faults }, tally);
  }
  return tally;
}

export type Runs = Omit<Suite, 'seeds'> & {
  /** For the processes of the system, besides the clock's. */
  readonly nodeOptions?: string;
  readonly finalWithinMs?: number;
  /** Whom faults befall. Default: anybody. */
  readonly victims?: RegExp;
  /** True: enough has been seen. */
  readonly enough?: (result: RunResult) => boolean;
};

/** On one stage, started for them; and started again if it is past helping, which is a finding of the run before. */
export async function onStage(kind: StageKind, seeds: readonly number[], runs: Runs, tally: Tally): Promise<void> {
  runs.say(`\nstage ${kind.name}: ${seeds.length} runs`);
  let left = seeds;
  while (left.length > 0 && !runs.signal.aborted) {
    const stage = await standing(kind, runs);
    if (stage === undefined) {
      for (const seed of left) count(tally, { seed, stage: kind.name }, [], failed('its stage did not start'));
      return;
    }
    left = await whileItStands(stage, kind, left, runs, tally);
  }
}

/** Undefined: it does not start, twice. */
async function standing(kind: StageKind, { say, nodeOptions = '' }: Runs): Promise<Stage | undefined> {
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      return await kind.start({ say, nodeOptions: `${CLOCK} ${nodeOptions}`.trim() });
    } catch (error) {
      say(`stage ${kind.name} does not start: ${error instanceof Error ? error.message : error}`);
    }
  }
  return undefined;
}

/** The seeds that are left. */
async function whileItStands(
  stage: Stage,
  kind: StageKind,
  seeds: readonly number[],
  runs: Runs,
  tally: Tally,
): Promise<readonly number[]> {
  const { faults, say, signal, victims = /./, enough = () => false, soFar = () => undefined } = runs;
  const books = new Books(stage.system);
  const staff = staffFor(stage);
  const processes = stage.processes.filter((name) => victims.test(name));
  /** What was wrong once stays wrong in the books: it is the finding of one run only. */
  const found = new Set<string>();
  const past = { told: [], sales: [] };
  try {
    for (const [n, seed] of seeds.entries()) {
      if (signal.aborted) return [];
      const plan = planOf(seed, kind, { processes }, faults);
      const began = performance.now();
      const raw = await runOrFail(stage, books, staff, { ...runs, seed, plan, past, last: n === seeds.length - 1 });
      const result: RunResult = { ...raw, findings: raw.findings.filter(({ what }) => !found.has(what)) };
      for (const { what } of result.findings) found.add(what);
      count(tally, { seed, stage: kind.name }, plan, result);
      soFar(tally);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      say(`seed ${seed} (${kind.name}, ${seconds} s): ${plan.map(({ what }) => what).join('; ')}`);
      show(stage, seed, plan, result, say);
      say(`  ${totalLine(tally)}`);
      if (enough(result)) return [];
      if (result.evidence === undefined) return seeds.slice(n + 1);
    }
    return [];
  } finally {
    await books.close();
    await stage.stop().then(
      () => clearFolder(kind.name),
      (error: unknown) => say(`stage ${kind.name} does not stop: ${error instanceof Error ? error.message : error}`),
    );
  }
}

async function runOrFail(
  stage: Stage,
  books: Books,
  staff: () => Promise<Staff>,
  options: Parameters<typeof runOnce>[3],
): Promise<RunResult> {
  const running = staff().then((signedIn) => runOnce(stage, books, signedIn, options));
  const late = pause(RUN_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new Error(`it was not over after ${RUN_WITHIN_MS / 1000} s`);
  });
  try {
    return await Promise.race([running, late]);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

const failed = (why: string): RunResult => ({
  diary: newDiary(),
  findings: [{ kind: 'unfinished', what: `the run could not be held: ${why}` }],
  evidence: undefined,
  skipped: [],
  settledMs: 0,
});

function show(stage: Stage, seed: number, plan: ReturnType<typeof planOf>, result: RunResult, say: Suite['say']): void {
  const { diary, findings, skipped, settledMs, waitedFor } = result;
  for (const what of skipped) say(`  skipped: ${what}`);
  const { told, gaveUp } = diary;
  const verdict = findings.length === 0 ? 'all agrees' : `${findings.length} FINDINGS`;
  say(`  ${told.length} acknowledged, ${gaveUp.length} gave up, at rest after ${settledMs} ms: ${verdict}`);
  if (settledMs > LONG_MS && findings.length === 0 && waitedFor !== undefined) say(`  until then: ${waitedFor}`);
  for (const { kind, what } of findings.slice(0, 10)) say(`  ${kind}: ${what}`);
  if (findings.length > 0) say(`  kept in ${keep(stage, seed, plan, result)}`);
}

/** Signed in again when it is time. */
function staffFor({ system }: Stage): () => Promise<Staff> {
  let staff: Staff | undefined;
  let since = 0;
  return async () => {
    if (staff !== undefined && performance.now() - since < STAFF_MS) return staff;
    const api = new HttpClient(system.api, 4);
    staff = await staffOf(api).finally(() => api.close());
    since = performance.now();
    return staff;
  };
}
