/**
 * Complete orders: two items into the cart, checkout, the gateway's order, paid by webhook, CONFIRMED, and in PostgreSQL.
 * Everything on this machine, the generator included. First closed loop, each customer starting the next order when the
 * last one is confirmed: the highest rate. Then open loop at shares of it: latency as customers who come when they like
 * would see it.
 */
import type { Bench, Row, RunCase } from '../case.ts';
import { cells, figure, spreadOf } from '../suite/spread.ts';
import { type OpenShop, openShop } from './open-shop.ts';
import { closedRun, type OrderRun, openRun } from './order-run.ts';

const SHARES = [0.25, 0.5, 0.75, 1] as const;
/** In the open loop: as many as can be under way before an arrival has to wait for a free one. */
const MOST_AT_ONCE = 256;

type Level = { readonly share: number; readonly perSecond: number; readonly runs: readonly OrderRun[] };

export const orders: RunCase = async (bench) => {
  const { quick, options, say } = bench;
  const customers = Number(options.customers ?? 64);
  const closedOnly = options.closed !== undefined;
  const shop = await openShop(
    { dataDir: '.haat-bench', customers: closedOnly ? customers : Math.max(customers, MOST_AT_ONCE) },
    say,
  );
  try {
    const few = { ...shop, buyers: shop.buyers.slice(0, customers) };
    say('warming up');
    await closedRun(few, quick ? 3 : 10);
    const closed: OrderRun[] = [];
    for (let n = 1; n <= bench.runs; n++) {
      const run = await closedRun(few, quick ? 5 : 15);
      say(`closed loop, run ${n}: ${inWords(run)}`);
      closed.push(run);
    }
    const highest = spreadOf(closed.map(({ perSecond }) => perSecond)).median;
    const levels = closedOnly ? [] : await openLoops(bench, shop, highest);
    return { rows: rowsOf(customers, closed, levels), figures: figuresOf(customers, closed, levels) };
  } finally {
    await shop.close();
  }
};

async function openLoops({ quick, runs, say }: Bench, shop: OpenShop, highest: number): Promise<readonly Level[]> {
  const levels: Level[] = [];
  for (const share of SHARES) {
    const perSecond = highest * share;
    const measured: OrderRun[] = [];
    for (let n = 1; n <= runs; n++) {
      const run = await openRun(shop, perSecond, quick ? 3 : 10);
      say(`open loop at ${share * 100} %, run ${n}: ${inWords(run)}`);
      measured.push(run);
    }
    levels.push({ share, perSecond, runs: measured });
  }
  return levels;
}

const inWords = ({ perSecond, whole, refused }: OrderRun): string =>
  `${figure(perSecond)} orders/s, p50 ${figure(whole.p50Ms)} ms, p99 ${figure(whole.p99Ms)} ms${refused > 0 ? `, ${refused} answers 503` : ''}`;

/** The run in the middle, by orders per second: all its figures belong together. */
export function middleRun(runs: readonly OrderRun[]): OrderRun {
  const run = runs.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(runs.length / 2)];
  if (run === undefined) throw new Error('nothing was measured');
  return run;
}

const sum = (values: Readonly<Record<string, number>>): number => Object.values(values).reduce((a, b) => a + b, 0);

function rowsOf(customers: number, closed: readonly OrderRun[], levels: readonly Level[]): readonly Row[] {
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
    ['JetStream writes an order', figure(run.writes, 1), '', `${figure(run.bytes / 1000, 1)} kB`],
    ['last row in PostgreSQL after', `${figure(run.projectionLagMs)} ms`, ''],
  ];
}

function figuresOf(customers: number, closed: readonly OrderRun[], levels: readonly Level[]): unknown {
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
