/**
 * `npm run bench -- [--only orders,hot-sku,…] [--quick] [--json FILE]`: what is fast, measured on this machine with
 * the generator on it. Medians of several runs with their spread; the machine's own noise is in them.
 */
import { writeFileSync } from 'node:fs';
import type { Bench } from './case.ts';
import { table } from './demo/live-table.ts';
import { clearDisk, leave, takePlace } from './suite/alone.ts';
import { type Arguments, BadArguments, minutesOf, readArguments, usage } from './suite/arguments.ts';
import { describeHost, hostLines } from './suite/host.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const inWords = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function measure({ wanted, quick, json, customers, closed }: Arguments): Promise<void> {
  // Told at once if it cannot be written, not after the measuring.
  if (json !== undefined) writeJson(json, {});
  const host = await describeHost(say);
  for (const line of hostLines(host)) say(line);
  const results: Record<string, unknown> = { host, quick };
  const failed: string[] = [];
  const began = performance.now();
  const since = (): string => `${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s`;
  for (const [at, { name, key, about, load }] of wanted.entries()) {
    const left = Math.ceil(minutesOf(wanted.slice(at), quick));
    say(`\n${name}, ${at + 1} of ${wanted.length}, about ${left} min left: ${about}`);
    const bench: Bench = {
      quick,
      runs: quick ? 1 : 3,
      options: { customers, closed: closed ? 'yes' : undefined },
      say: (text) => say(`  ${since()}  ${text}`),
    };
    try {
      clearDisk();
      const run = await load();
      const { rows, figures } = await run(bench);
      say('');
      for (const line of table(rows)) say(line);
      results[key] = figures;
    } catch (error) {
      failed.push(name);
      results[key] = null;
      say(`${name} failed: ${inWords(error)}`);
    }
    // After each, so that a later one that fails costs nothing.
    if (json !== undefined) writeJson(json, failed.length > 0 ? { ...results, failed } : results);
  }
  clearDisk();
  say(`\n${wanted.length - failed.length} of ${wanted.length} cases in ${since().trim()}`);
  if (failed.length > 0) {
    say(`not measured: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}

function writeJson(file: string, results: Readonly<Record<string, unknown>>): void {
  try {
    writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  } catch (error) {
    throw new BadArguments(`--json ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function main(): Promise<void> {
  const chosen = readArguments(process.argv.slice(2));
  if (chosen.help) return say(usage());
  const other = takePlace();
  if (other !== undefined) throw new BadArguments(`another bench measures in this checkout, process ${other}`);
  // What was started ends with this process (bench/system.ts); a terminal's Ctrl-C reaches it as well.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
  process.once('exit', leave);
  await measure(chosen);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BadArguments)) throw error;
  process.stderr.write(`${error.message}\n\n${usage()}\n`);
  process.exitCode = 2;
}
