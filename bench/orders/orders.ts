/**
 * Complete orders: two items into the cart, checkout, the gateway's order, paid by webhook, CONFIRMED, and in PostgreSQL.
 * Everything on this machine, the generator included. First closed loop, each customer starting the next order when the
 * last one is confirmed, with so many customers as give the highest rate. Then open loop at shares of it: latency as
 * customers who come when they like would see it.
 */
import type { Bench, RunCase } from '../case.ts';
import { spreadOf } from '../suite/spread.ts';
import { type OpenShop, openShop } from './open-shop.ts';
import { figuresOf, inWords, type Level, rowsOf } from './order-figures.ts';
import { closedRun, type OrderRun, openRun } from './order-run.ts';

const SHARES = [0.25, 0.5, 0.75, 1] as const;
const CROWDS = [64, 128, 192, 256] as const;
/** In the open loop: as many as can be under way before an arrival has to wait for a free one. */
const MOST_AT_ONCE = 256;
/** A larger crowd has to give so much more: below that it is noise, and only waits longer. */
const WORTH = 1.03;

export const orders: RunCase = async (bench) => {
  const { quick, options, say } = bench;
  const asked = options.customers === undefined ? undefined : Number(options.customers);
  const closedOnly = options.closed !== undefined;
  const most = closedOnly && asked !== undefined ? asked : Math.max(asked ?? 0, MOST_AT_ONCE);
  const shop = await openShop({ dataDir: '.haat-bench/orders', customers: most }, say);
  try {
    say('warming up');
    await closedRun(crowd(shop, asked ?? MOST_AT_ONCE / 2), quick ? 3 : 10);
    const customers = asked ?? (await bestCrowd(bench, shop));
    const closed: OrderRun[] = [];
    for (let n = 1; n <= bench.runs; n++) {
      const run = await closedRun(crowd(shop, customers), quick ? 5 : 15);
      say(`closed loop, ${customers} customers, run ${n}: ${inWords(run)}`);
      closed.push(run);
    }
    const highest = spreadOf(closed.map(({ perSecond }) => perSecond)).median;
    const levels = closedOnly ? [] : await openLoops(bench, shop, highest);
    return { rows: rowsOf(customers, closed, levels), figures: figuresOf(customers, closed, levels) };
  } finally {
    await shop.close();
  }
};

const crowd = (shop: OpenShop, customers: number): OpenShop => ({ ...shop, buyers: shop.buyers.slice(0, customers) });

/** The smallest crowd that gives about the highest rate. */
async function bestCrowd({ quick, say }: Bench, shop: OpenShop): Promise<number> {
  let best = { customers: 0, perSecond: 0 };
  for (const customers of CROWDS) {
    const run = await closedRun(crowd(shop, customers), quick ? 2 : 6);
    say(`closed loop, ${customers} customers: ${inWords(run)}`);
    if (run.perSecond > best.perSecond * WORTH) best = { customers, perSecond: run.perSecond };
  }
  return best.customers;
}

async function openLoops({ quick, runs, say }: Bench, shop: OpenShop, highest: number): Promise<readonly Level[]> {
  const levels: Level[] = [];
  for (const share of SHARES) {
    const perSecond = highest * share;
    const measured: OrderRun[] = [];
    for (let n = 1; n <= runs; n++) {
      const run = await openRun(shop, perSecond, quick ? 3 : 8);
      say(`open loop at ${share * 100} %, run ${n}: ${inWords(run)}`);
      measured.push(run);
    }
    levels.push({ share, perSecond, runs: measured });
  }
  return levels;
}
