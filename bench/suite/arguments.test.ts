import { describe, expect, it } from 'vitest';
import { CASES } from '../cases.ts';
import { BadArguments, readArguments, usage } from './arguments.ts';

const names = (...args: string[]): readonly string[] => readArguments(args).wanted.map(({ name }) => name);

describe('the command line of bench', () => {
  it('measures everything, or what is named, in the order of the suite', () => {
    expect(names()).toEqual(CASES.map(({ name }) => name));
    expect(names('--only', 'hot-sku,orders', '--quick')).toEqual(['orders', 'hot-sku']);
    expect(names('orders')).toEqual(['orders']);
  });

  it.each([
    [['--only', 'ordres'], "no such case: 'ordres'"],
    [['--only', ''], "no such case: ''"],
    [['orders', 'cart'], "no such case: 'cart'"],
    [['--fast'], 'Unknown option'],
    [['--json', ''], '--json wants a file'],
    [['--only', 'orders', '--customers', 'many'], '--customers wants a number'],
    [['--customers', '0'], '--customers wants a number'],
  ])('refuses %j', (args, why) => {
    expect(() => readArguments(args)).toThrow(BadArguments);
    expect(() => readArguments(args)).toThrow(why);
  });

  it('names every case in the usage', () => {
    for (const { name } of CASES) expect(usage()).toContain(`  ${name} `);
  });
});
