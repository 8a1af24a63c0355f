/**
 * `npm run chaos -- [--seed N] [--runs N] [--faults kill,pause,…] [--json FILE]`
 * `npm run chaos -- --break GUARD,…|all`: on a system without a guard of its own; fails if nobody notices
 *
 * Customers shop while things break, at moments and in an order that a seed decides; then everything is healed, and what
 * the customers were told is held against the event streams, the payment gateway's till and the tables. Everything happens
 * on loopback; only processes of systems of its own are hurt. See docs/decisions/20-chaos.md.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { onStopSignal } from '../brokers/launcher/stop-signal.ts';
import { GUARDS } from './broken/guards.ts';
import { FAULT_NAMES, type FaultName } from './faults/fault.ts';
import { breakGuards } from './suite/break.ts';
import { takeOver } from './suite/leftovers.ts';
import { runSeeds, STAGES } from './suite/runs.ts';
import { newTally, type Tally, totalLine } from './suite/tally.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const USAGE = 'npm run chaos -- [--seed N] [--runs N] [--faults NAME,…] [--json FILE] | [--break GUARD,…|all]';
/** About five minutes on two cores. */
const RUNS = 25;
const RUN_S = 9;
const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};

const text = { type: 'string' } as const;
const TEXTS = { seed: text, runs: text, faults: text, json: text, break: text };
const values = given();
if (values.help) {
  say(`${USAGE}\n${RUNS} runs unless said otherwise; one with --seed. Faults: ${FAULT_NAMES.join(', ')}.`);
  process.exit(0);
}

function given() {
  try {
    return parseArgs({ options: { ...TEXTS, help: { type: 'boolean' } } }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

function whole(name: 'seed' | 'runs', least: number, otherwise: number): number {
  const given = values[name];
  if (given === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(given) || Number(given) < least)
    return fail(`--${name} takes a whole number from ${least} to 999999999; got ${given}`);
  return Number(given);
}

function faults(): readonly FaultName[] {
  const names = (values.faults ?? '').split(',').filter((name) => name !== '');
  const strange = names.filter((name) => !FAULT_NAMES.some((known) => known === name));
  if (strange.length > 0) fail(`--faults takes some of ${FAULT_NAMES.join(',')}; got ${strange.join(',')}`);
  return names.length === 0 ? FAULT_NAMES : FAULT_NAMES.filter((name) => names.includes(name));
}

/** Undefined: none. */
function guards(): readonly string[] | undefined {
  const known = Object.keys(GUARDS);
  if (values.break === undefined || values.break === 'all') return values.break === undefined ? undefined : known;
  const names = values.break.split(',');
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length > 0) fail(`--break takes all, or some of ${known.join(',')}; got ${strange.join(',')}`);
  return names;
}

/** Half an hour later is too late to find out that it cannot be written. */
function writer(path: string | undefined): (tally: Tally) => void {
  if (path === undefined) return () => undefined;
  const write = (tally: Tally): void => writeFileSync(path, `${JSON.stringify(tally, null, 2)}\n`);
  try {
    write(newTally());
  } catch (error) {
    fail(`--json: ${error instanceof Error ? error.message : error}`);
  }
  return write;
}

const seed = whole('seed', 0, Date.now() % 1_000_000);
const count = whole('runs', 1, values.seed === undefined ? RUNS : 1);
const chosen = faults();
const broken = guards();
const write = writer(values.json);

const stopping = new AbortController();
onStopSignal(
  () => {
    say('stopping after this run (Ctrl-C again: at once)');
    stopping.abort();
  },
  () => process.exit(130),
);
const giveBack = await takeOver(STAGES.map(({ name }) => name));
if (typeof giveBack === 'object') fail(`another suite runs in this checkout (process ${giveBack.by}): wait for it`);
process.on('unhandledRejection', (error) => say(`unhandled in the suite: ${error}`));

const seeds = Array.from({ length: count }, (_, n) => seed + n);
const suite = { seeds, say, signal: stopping.signal };
const fine = broken === undefined ? await shopUnderFaults() : (await breakGuards(broken, suite)).length === 0;
if (typeof giveBack === 'function') giveBack();
process.exit(fine && !stopping.signal.aborted ? 0 : 1);

async function shopUnderFaults(): Promise<boolean> {
  say(`${count} runs, seeds ${seed} to ${seed + count - 1}: about ${Math.ceil((count * RUN_S) / 60 + 1)} minutes`);
  const tally = await runSeeds({ ...suite, faults: chosen, soFar: write });
  if (tally.runs === 0 && !stopping.signal.aborted) say('none of these faults can be inflicted on this machine');
  say(`\n${totalLine(tally)}`);
  const same = values.faults === undefined ? '' : ` --faults ${values.faults}`;
  for (const failing of tally.failingSeeds) say(`  npm run chaos -- --seed ${failing}${same}`);
  write(tally);
  return tally.failingSeeds.length === 0;
}
