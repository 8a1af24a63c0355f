/** Carts: put into, by HTTP; loaded from disk into memory, and held there. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../config/env.ts';
import type { RunCase } from '../case.ts';
import { cells, figure, type Spread, spreadOf } from '../suite/spread.ts';
import { type Adding, measureAdding } from './adding.ts';
import { type Holding, measureHolding } from './holding.ts';

export const carts: RunCase = async (bench) => {
  rmSync(join(ROOT, '.haat-bench', 'carts'), { recursive: true, force: true });
  const adding = await measureAdding(bench);
  const holding = await measureHolding(bench);
  rmSync(join(ROOT, '.haat-bench', 'carts'), { recursive: true, force: true });
  const adds = (pick: (run: Adding) => number): Spread => spreadOf(adding.map(pick));
  const held = (pick: (run: Holding) => number): Spread => spreadOf(holding.map(pick));
  const addP99 = adds(({ p99Ms }) => p99Ms);
  const loadP99 = held(({ coldLoad }) => coldLoad.p99Ms);
  const perGiB = held((run) => run.perGiB);
  return {
    rows: [
      ['carts', 'median', 'runs', 'p50 ms', 'p99 ms'],
      [
        'add to cart a second, by HTTP, 64 connections',
        ...cells(adds(({ perSecond }) => perSecond)),
        figure(adds(({ p50Ms }) => p50Ms).median, 1),
        figure(addP99.median, 1),
      ],
      ...Object.entries(adding[0]?.cpuMs ?? {}).map(([name, ms]) => [`  CPU ms an add: ${name}`, figure(ms, 3), '']),
      [
        'cold load, 8 at once',
        '',
        '',
        figure(held(({ coldLoad }) => coldLoad.p50Ms).median, 2),
        figure(loadP99.median, 2),
      ],
      ['cold loads a second, 256 at once', ...cells(held(({ loadsPerSecond }) => loadsPerSecond))],
      ['bytes of memory a cart of two items', ...cells(held(({ bytesEach }) => bytesEach))],
      ['carts a GiB', ...cells(perGiB)],
    ],
    figures: {
      perSecond: adds(({ perSecond }) => perSecond).median,
      p50Ms: adds(({ p50Ms }) => p50Ms).median,
      p99Ms: addP99.median,
      coldLoadP50Ms: held(({ coldLoad }) => coldLoad.p50Ms).median,
      coldLoadP99Ms: loadP99.median,
      coldLoadsPerSecond: held(({ loadsPerSecond }) => loadsPerSecond).median,
      bytesEach: held(({ bytesEach }) => bytesEach).median,
      perGiB: perGiB.median,
    },
  };
};
