/**
 * `npm run bench -- [--only orders,hot-sku,…] [--quick] [--json FILE]`: what is fast, measured on this machine with
 * the generator on it. Medians of several runs with their spread; the machine's own noise is in them.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench, Case } from './case.ts';
import { CASES } from './cases.ts';
import { table } from './demo/live-table.ts';
import { describeHost, hostLines } from './suite/host.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

class BadArguments extends Error {}

const usage = (): string =>
  [
    'npm run bench -- [--only CASE,CASE…] [--quick] [--json FILE]; orders: [--customers N] [--closed]',
    ...CASES.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`),
  ].join('\n');

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        customers: { type: 'string' },
        closed: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new BadArguments(error instanceof Error ? error.message : String(error));
  }
}

/** `npm run bench -- orders` is what one types first. */
function wantedCases(only: string | undefined, positionals: readonly string[]): readonly Case[] {
  const names = [...(only ?? '').split(','), ...positionals].filter((name) => name !== '');
  const unknown = names.filter((name) => !CASES.some((known) => known.name === name));
  if (unknown.length > 0) throw new BadArguments(`no such case: ${unknown.join(', ')}`);
  return names.length === 0 ? CASES : CASES.filter(({ name }) => names.includes(name));
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help) return say(usage());
  const wanted = wantedCases(values.only, positionals);
  const { quick, json, customers, closed } = values;
  // Told at once if it cannot be written, not after the measuring.
  if (json !== undefined) writeFileSync(json, '{}\n');

  const host = await describeHost(say);
  for (const line of hostLines(host)) say(line);
  const results: Record<string, unknown> = { host, quick };
  const failed: string[] = [];
  const began = performance.now();
  for (const { name, key, about, load } of wanted) {
    say(`\n${name}: ${about}`);
    const bench: Bench = {
      quick,
      runs: quick ? 1 : 3,
      options: { customers, closed: closed ? 'yes' : undefined },
      say: (text) => say(`  ${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`),
    };
    try {
      const run = await load();
      const { rows, figures } = await run(bench);
      say('');
      for (const line of table(rows)) say(line);
      results[key] = figures;
      // After each, so that a later one that fails costs nothing.
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
    } catch (error) {
      failed.push(name);
      say(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
  if (failed.length > 0) {
    say(`\nnot measured: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof BadArguments)) throw error;
  process.stderr.write(`${error.message}\n\n${usage()}\n`);
  process.exitCode = 2;
}
