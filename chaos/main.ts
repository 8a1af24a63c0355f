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
import { totalLine } from './suite/tally.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const USAGE = 'npm run chaos -- [--seed N] [--runs N] [--faults NAME,…] [--json FILE] | [--break GUARD,…|all]';
/** About five minutes on two cores. */
const RUNS = 25;
const RUN_S = 9;
const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};

const values = given();

function given() {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({ options: { seed: text, runs: text, faults: text, json: text, break: text } }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

function whole(name: 'seed' | 'runs', otherwise: number): number {
  const given = values[name];
  if (given === undefined) return otherwise;
  return /^\d{1,9}$/.test(given) ? Number(given) : fail(`--${name} takes a whole number; got ${given}`);
}

function faults(): readonly FaultName[] {
  const names = (values.faults ?? '').split(',').filter((name) => name !== '');
  const strange = names.filter((name) => !FAULT_NAMES.some((known) => known === name));
  if (strange.length > 0) fail(`--faults takes some of ${FAULT_NAMES.join(',')}; got ${strange.join(',')}`);
  return names.length === 0 ? FAULT_NAMES : FAULT_NAMES.filter((name) => names.includes(name));
}

const seed = whole('seed', Date.now() % 1_000_000);
const count = whole('runs', values.seed === undefined ? RUNS : 1);
const stopping = new AbortController();
onStopSignal(
  () => stopping.abort(),
  () => process.exit(130),
);

const chosen = faults();
const giveBack = await takeOver(STAGES.map(({ name }) => name));
if (typeof giveBack === 'object') fail(`another suite runs in this checkout (process ${giveBack.by}): wait for it`);
else process.on('exit', giveBack);
process.on('unhandledRejection', (error) => say(`unhandled in the suite: ${error}`));

const seeds = Array.from({ length: count }, (_, n) => seed + n);
const suite = { seeds, say, signal: stopping.signal };

if (values.break !== undefined) {
  const known = Object.keys(GUARDS);
  const wanted = values.break.split(',');
  const names = known.filter((name) => wanted.includes(name) || values.break === 'all');
  if (names.length < (values.break === 'all' ? 1 : wanted.length))
    fail(`--break takes all or some of: ${known.join(', ')}`);
  const unnoticed = await breakGuards(names, suite);
  process.exit(unnoticed.length === 0 && !stopping.signal.aborted ? 0 : 1);
}

say(`${count} runs, seeds ${seed} to ${seed + count - 1}: about ${Math.ceil((count * RUN_S) / 60 + 1)} minutes`);
const tally = await runSeeds({ ...suite, faults: chosen });
if (tally.runs === 0 && !stopping.signal.aborted) say('none of these faults can be inflicted on this machine');
say(`\n${totalLine(tally)}`);
const same = values.faults === undefined ? '' : ` --faults ${values.faults}`;
for (const failing of tally.failingSeeds) say(`  npm run chaos -- --seed ${failing}${same}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(tally, null, 2)}\n`);
process.exit(tally.failingSeeds.length === 0 && !stopping.signal.aborted ? 0 : 1);
