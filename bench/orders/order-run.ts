/** One measured stretch of orders, closed or open loop, with what it cost. */
import { cpuByProcess, spent } from '../cpu.ts';
import { closedLoop, forSeconds, openLoop } from '../load/loops.ts';
import { journal } from '../suite/journal.ts';
import { newTimings, STEPS, type Timings } from './buyer.ts';
import type { OpenShop } from './open-shop.ts';

export type Quantiles = { readonly p50Ms: number; readonly p99Ms: number };

export type OrderRun = {
  readonly orders: number;
  readonly perSecond: number;
  readonly whole: Quantiles;
  readonly steps: Readonly<Record<string, Quantiles>>;
  /** Answers 503, after which the customer waited and asked again. */
  readonly refused: number;
  /** CPU milliseconds an order, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** JetStream writes and bytes an order. */
  readonly writes: number;
  readonly bytes: number;
  /** From the last order to the last row of it in PostgreSQL. */
  readonly projectionLagMs: number;
};

export const closedRun = (shop: OpenShop, seconds: number): Promise<OrderRun> =>
  measured(shop, (timings) =>
    closedLoop(shop.buyers, seconds, async (buyer) => void (await buyer.buy(shop.skus, shop.confirmations, timings))),
  );

export const openRun = (shop: OpenShop, perSecond: number, seconds: number): Promise<OrderRun> =>
  measured(shop, async (timings) => {
    const { tookMs } = await openLoop(
      shop.buyers,
      perSecond,
      forSeconds(seconds),
      async (buyer, meantAt) => void (await buyer.buy(shop.skus, shop.confirmations, timings, meantAt)),
    );
    return tookMs;
  });

async function measured(shop: OpenShop, load: (timings: Timings) => Promise<number>): Promise<OrderRun> {
  const timings = newTimings();
  const written = await journal(shop.nc);
  const used = cpuByProcess(shop.pid);
  const tookMs = await load(timings);
  const began = performance.now();
  await shop.confirmations.inPostgres(shop.database);
  const projectionLagMs = performance.now() - began;
  const cpu = spent(used, cpuByProcess(shop.pid));
  const { messages, bytes } = await journal(shop.nc);
  const orders = timings.whole.count;
  if (orders === 0) throw new Error('not one order was completed');
  const { whole, refused } = timings;
  return {
    orders,
    perSecond: (orders * 1000) / tookMs,
    whole: quantilesOf(whole),
    steps: Object.fromEntries(STEPS.map((step) => [step, quantilesOf(timings[step])])),
    refused,
    cpuMs: Object.fromEntries([...cpu].map(([name, ms]) => [name, ms / orders])),
    writes: (messages - written.messages) / orders,
    bytes: (bytes - written.bytes) / orders,
    projectionLagMs,
  };
}

const quantilesOf = (latencies: Timings['whole']): Quantiles => ({
  p50Ms: latencies.quantile(0.5),
  p99Ms: latencies.quantile(0.99),
});
