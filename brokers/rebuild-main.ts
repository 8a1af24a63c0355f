/**
 * `npm run rebuild -- orders|payments|inventory|all [--check]`: replays projections from their streams into fresh tables
 * beside the live ones and swaps them in, while the system runs. `--check` compares instead, row for row, and exits with
 * 1 if anything differs.
 */
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { createProgress } from '../stores/catalogue/import/progress.ts';
import { connectNats } from '../stores/nats/connection.ts';
import type { Projection } from '../stores/projections/projection.ts';
import { PROJECTIONS } from '../stores/projections/projections.ts';
import type { Difference } from '../stores/projections/rebuild/compare.ts';
import { type Rebuilt, rebuild } from '../stores/projections/rebuild/rebuild.ts';
import { CannotStart } from './launcher/cannot-start.ts';
import { findServers } from './launcher/found-servers.ts';
import { onStopSignal } from './launcher/stop-signal.ts';

const NAMES = PROJECTIONS.map(({ name }) => name);
const USAGE = `npm run rebuild -- ${NAMES.join('|')}|all [--check]`;
const SHOWN = 10;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const number = (n: number): string => n.toLocaleString('en-IN');

function readArguments(): { readonly wanted: readonly Projection[]; readonly check: boolean } {
  try {
    const { values, positionals } = parseArgs({
      options: { check: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const wanted = PROJECTIONS.filter(({ name }) => positionals.includes('all') || positionals.includes(name));
    const unknown = positionals.filter((name) => name !== 'all' && !NAMES.includes(name));
    if (wanted.length > 0 && unknown.length === 0) return { wanted, check: values.check };
  } catch {
    // An option that there is not.
  }
  throw new CannotStart(USAGE);
}

/** Whether it is as it should be. */
async function one(projection: Projection, check: boolean, servers: ReturnType<typeof findServers>): Promise<boolean> {
  const log = pino({ level: 'warn' });
  const stopping = new AbortController();
  onStopSignal(
    () => stopping.abort(new Error('stopped; the live tables are as they were')),
    () => process.exit(1),
  );
  const nc = await connectNats(servers.natsUrl, { name: 'rebuild', log });
  const progress = createProgress(process.stdout, undefined, 'commits');
  const differences: Difference[] = [];
  const began = performance.now();
  say(projection.name);
  try {
    const result = await rebuild({
      projection,
      nc,
      databaseUrl: servers.databaseUrl,
      check,
      log,
      signal: stopping.signal,
      onProgress: (position, target) => progress.show(position, target === 0 ? 1 : Math.min(1, position / target)),
      onDifference: (difference) => differences.length < SHOWN && differences.push(difference),
    });
    progress.end();
    report(result, check, differences, performance.now() - began);
    return result.differences === 0;
  } finally {
    await nc.close();
  }
}

function report(result: Rebuilt, check: boolean, differences: readonly Difference[], ms: number): void {
  const seconds = `${(ms / 1_000).toFixed(1)} s`;
  for (const { subject, sequence, reason } of result.skipped.slice(0, SHOWN))
    say(`  passed over: ${subject} at ${sequence}: ${reason}`);
  if (result.skipped.length > 0) say(`  ${number(result.skipped.length)} commits were passed over`);
  for (const { table, key, live, rebuilt } of differences) {
    say(`  ${table} ${key}`);
    say(`    live     ${live ?? 'nothing'}`);
    say(`    rebuilt  ${rebuilt ?? 'nothing'}`);
  }
  if (!check) {
    say(
      `  swapped in at ${number(result.position)}, after ${seconds}; live writes waited ${Math.ceil(result.heldMs)} ms`,
    );
  } else if (result.differences === 0) {
    say(`  ${number(result.rows)} rows, all as they are in the live tables (${seconds})`);
  } else {
    say(`  ${number(result.differences)} of ${number(result.rows)} rows differ (${seconds})`);
  }
}

try {
  const { wanted, check } = readArguments();
  const servers = findServers();
  for (const projection of wanted) if (!(await one(projection, check, servers))) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof CannotStart ? 2 : 1;
}
