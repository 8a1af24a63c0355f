/** Add-to-cart over HTTP: signed-in customers with carts of their own, more of them than connections. */
import type { Bench } from '../case.ts';
import { cpuByProcess, spent } from '../cpu.ts';
import { Connection } from '../load/connection.ts';
import { closedLoop } from '../load/loops.ts';
import { openShop } from '../orders/open-shop.ts';
import { Latencies } from '../shop/latencies.ts';
import { CartFiller } from './cart-filler.ts';

export type Adding = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMs: Readonly<Record<string, number>>;
};

const CONNECTIONS = 64;

export async function measureAdding({ quick, runs, say }: Bench): Promise<readonly Adding[]> {
  const shop = await openShop({ dataDir: '.haat-bench', customers: 1 }, say);
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(shop.system.api));
  try {
    const filler = new CartFiller(shop);
    const once = async (seconds: number): Promise<Adding> => {
      const latencies = new Latencies();
      const before = cpuByProcess(shop.pid);
      const tookMs = await closedLoop(connections, seconds, async (connection) => {
        const asked = performance.now();
        await filler.add(connection);
        latencies.add(performance.now() - asked);
      });
      const cpu = spent(before, cpuByProcess(shop.pid));
      return {
        perSecond: (latencies.count * 1000) / tookMs,
        p50Ms: latencies.quantile(0.5),
        p99Ms: latencies.quantile(0.99),
        cpuMs: Object.fromEntries([...cpu].map(([name, ms]) => [name, ms / latencies.count])),
      };
    };
    await once(quick ? 2 : 5);
    const measured: Adding[] = [];
    for (let n = 1; n <= runs; n++) {
      const run = await once(quick ? 4 : 10);
      say(`add to cart, run ${n}: ${run.perSecond.toFixed(0)}/s, p99 ${run.p99Ms.toFixed(1)} ms`);
      measured.push(run);
    }
    return measured;
  } finally {
    for (const connection of connections) connection.close();
    await shop.close();
  }
}
