/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import type { Case } from '../case.ts';
import { CASES } from '../cases.ts';

export class BadArguments extends Error {}

export type Arguments = {
  readonly help: boolean;
  readonly quick: boolean;
  readonly json: string | undefined;
  readonly customers: string | undefined;
  readonly closed: boolean;
  readonly wanted: readonly Case[];
};

/** Throws BadArguments. */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parsed(args);
  const { only, customers, json } = values;
  if (json === '') throw new BadArguments('--json wants a file');
  if (customers !== undefined && !(/^\d+$/.test(customers) && Number(customers) >= 1 && Number(customers) <= 1_000))
    throw new BadArguments(`--customers wants a number from 1 to 1000, not '${customers}'`);
  return { ...values, json, customers, wanted: wantedCases(only, positionals) };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
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
  const names = [...(only?.split(',') ?? []), ...positionals].map((name) => name.trim());
  const unknown = names.filter((name) => !CASES.some((known) => known.name === name));
  if (unknown.length > 0) throw new BadArguments(`no such case: ${unknown.map((name) => `'${name}'`).join(', ')}`);
  return names.length === 0 ? CASES : CASES.filter(({ name }) => names.includes(name));
}

export const minutesOf = (cases: readonly Case[], quick: boolean): number =>
  cases.reduce((sum, { minutes }) => sum + (quick ? Math.min(minutes, 0.75) : minutes), 0);

export const usage = (): string =>
  [
    'npm run bench -- [--only CASE,CASE…] [--quick] [--json FILE]',
    '',
    '  --only       these cases; otherwise all',
    '  --quick      one short run of each figure, under a minute a case: to see that it works, not to quote',
    '  --json       the figures, by case, for programs; written anew after each case',
    '  --customers  orders: so many in the closed loop, instead of the best of 64, 128, 192 and 256',
    '  --closed     orders: the closed loop only',
    '',
    `Cases, with minutes; all take about ${Math.ceil(minutesOf(CASES, false))}, quick ${Math.ceil(minutesOf(CASES, true))}. bench/README.md says what each means.`,
    ...CASES.map(({ name, about, minutes }) => `  ${name.padEnd(13)} ${minutes.toFixed(1).padStart(4)}  ${about}`),
  ].join('\n');
