/** What was measured of orders, as lines of a table and as figures. */
import type { Row } from '../case.ts';
import { cells, figure, spreadOf } from '../suite/spread.ts';
import type { OrderRun } from './order-run.ts';

/** One rate of arrivals in the open loop. */
export type Level = { readonly share: number; readonly perSecond: number; readonly runs: readonly OrderRun[] };

export const inWords = ({ perSecond, whole, refused }: OrderRun): string =>
  `${figure(perSecond)} orders/s, p50 ${figure(whole.p50Ms)} ms, p99 ${figure(whole.p99Ms)} ms${refused > 0 ? `, ${refused} answers 503` : ''}`;

/** The run in the middle, by orders per second: all its figures belong together. */
function middleRun(runs: readonly OrderRun[]): OrderRun {
  const run = runs.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(runs.length / 2)];
  if (run === undefined) throw new Error('nothing was measured');
  return run;
}

const sum = (values: Readonly<Record<string, number>>): number => Object.values(values).reduce((a, b) => a + b, 0);

/** It is one thread: near 1 it would be what is measured. */
const generatorCores = ({ cpuMs, perSecond }: OrderRun): number => ((cpuMs.generator ?? 0) * perSecond) / 1_000;

export function rowsOf(customers: number, closed: readonly OrderRun[], levels: readonly Level[]): readonly Row[] {
  const run = middleRun(closed);
  const rate = spreadOf(closed.map(({ perSecond }) => perSecond));
  const byCost = Object.entries(run.cpuMs).toSorted(([, a], [, b]) => b - a);
  const median = (pick: (of: OrderRun) => number, of: readonly OrderRun[]): string =>
    figure(spreadOf(of.map(pick)).median, 1);
  return [
    [`complete orders, 2 items, ${customers} customers`, 'a second', 'runs', 'p50 ms', 'p99 ms'],
    ['closed loop', ...cells(rate), figure(run.whole.p50Ms, 1), figure(run.whole.p99Ms, 1)],
    ...Object.entries(run.steps).map(([step, at]) => [`  ${step}`, '', '', figure(at.p50Ms, 1), figure(at.p99Ms, 1)]),
    ['orders a minute', figure(rate.median * 60), ''],
    ...levels.map(({ share, perSecond, runs }): Row => {
      const done = spreadOf(runs.map(({ perSecond }) => perSecond));
      const p50 = median(({ whole }) => whole.p50Ms, runs);
      return [
        `open loop, ${share * 100} % (${figure(perSecond)}/s come)`,
        ...cells(done),
        p50,
        median(({ whole }) => whole.p99Ms, runs),
      ];
    }),
    ['CPU an order', 'ms', ''],
    ...byCost.map(([name, ms]) => [`  ${name}`, figure(ms, 2), '']),
    ['  all', figure(sum(run.cpuMs), 2), ''],
    ['the generator took', `${figure(generatorCores(run) * 100)} %`, 'of a core'],
    ['JetStream writes an order', figure(run.writes, 1), '', `${figure(run.bytes / 1000, 1)} kB`],
    ['last row in PostgreSQL after', `${figure(run.projectionLagMs)} ms`, ''],
  ];
}

export function figuresOf(customers: number, closed: readonly OrderRun[], levels: readonly Level[]): unknown {
  const run = middleRun(closed);
  const { low, high, median } = spreadOf(closed.map(({ perSecond }) => perSecond));
  return {
    perSecond: median,
    perMinute: median * 60,
    cpuMsPerOrder: sum(run.cpuMs),
    p50Ms: run.whole.p50Ms,
    p99Ms: run.whole.p99Ms,
    customers,
    spread: [low, high],
    cpuMsByProcess: run.cpuMs,
    generatorCores: generatorCores(run),
    steps: run.steps,
    writesPerOrder: run.writes,
    bytesPerOrder: run.bytes,
    projectionLagMs: run.projectionLagMs,
    openLoop: levels.map(({ share, perSecond, runs }) => ({
      share,
      offeredPerSecond: perSecond,
      perSecond: spreadOf(runs.map((one) => one.perSecond)).median,
      p50Ms: spreadOf(runs.map(({ whole }) => whole.p50Ms)).median,
      p99Ms: spreadOf(runs.map(({ whole }) => whole.p99Ms)).median,
      refused: runs.reduce((total, { refused }) => total + refused, 0),
      steps: middleRun(runs).steps,
    })),
  };
}
