/**
 * What a page costs: the same requests to a gateway that keeps its pages, and to one that reads the catalogue for each.
 * Closed loop, so many at once; the CPU is that of the node and of PostgreSQL.
 */
import { lastRun } from '../brokers/launcher/run-file.ts';
import type { Bench, CaseResult, Row } from './case.ts';
import { cpuByProcess, spent } from './cpu.ts';
import { goodsOnSale } from './demo/stage.ts';
import { Wire } from './overload/wire.ts';
import { HttpClient } from './shop/http.ts';
import { Latencies } from './shop/latencies.ts';
import { spreadOf } from './suite/spread.ts';
import { type System, startOwn } from './system.ts';

const CONNECTIONS = 32;
const GOODS = 200;

type Figures = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number; readonly cpuUs: number };

export async function pages({ quick, runs, say }: Bench): Promise<CaseResult> {
  const seconds = quick ? 2 : 5;
  const rows: Row[] = [['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs a request']];
  const figures: Record<string, Record<string, Figures>> = {};
  for (const keeping of ['kept', 'read'] as const) {
    // Shed load would be cheap.
    const variables = { RATE_LIMIT_FACTOR: '1000000', LOG_LEVEL: 'warn', SHEDDING: 'off', PAGES: keeping };
    const system = await startOwn('.haat-bench', variables, say);
    const wire = new Wire(system.api, CONNECTIONS);
    try {
      const measured: Record<string, Figures> = {};
      for (const [name, paths] of Object.entries(await pathsOf(system))) {
        await ask(system, wire, paths, 1);
        const results: Figures[] = [];
        for (let run = 0; run < runs; run++) results.push(await ask(system, wire, paths, seconds));
        const middle = spreadOf(results.map(({ perSecond }) => perSecond)).median;
        const median = results.find(({ perSecond }) => perSecond === middle);
        if (median === undefined) throw new Error('no runs');
        measured[name] = median;
        const { perSecond, p50Ms, p99Ms, cpuUs } = median;
        rows.push([`${keeping}: ${name}`, perSecond.toFixed(0), p50Ms.toFixed(1), p99Ms.toFixed(1), cpuUs.toFixed(0)]);
        say(`${keeping}: ${name}: ${perSecond.toFixed(0)}/s`);
      }
      figures[keeping] = measured;
    } finally {
      wire.close();
      await system.stop();
    }
  }
  return { rows, figures };
}

async function pathsOf(system: System): Promise<Readonly<Record<string, readonly string[]>>> {
  const http = new HttpClient(system.api, 4);
  try {
    const goods = await goodsOnSale(http, GOODS);
    const tree = await http.ask({ method: 'GET', path: '/api/categories' });
    const roots: readonly { readonly id: string }[] = tree.body.data;
    return {
      'GET /api/products/{id}': goods.map(({ productId }) => `/api/products/${productId}`),
      'GET /api/categories/{id}/products': roots.map(({ id }) => `/api/categories/${id}/products`),
      'GET /pages/products/{id}': goods.map(({ productId }) => `/pages/products/${productId}`),
      'GET /api/offers, one SKU': goods.map(({ sku }) => `/api/offers?skus=${sku}`),
    };
  } finally {
    http.close();
  }
}

async function ask(system: System, wire: Wire, paths: readonly string[], seconds: number): Promise<Figures> {
  const root = lastRun(system.dataDir)?.pid ?? 0;
  const latencies = new Latencies();
  const before = cpuByProcess(root);
  const began = performance.now();
  const end = began + seconds * 1_000;
  let next = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < end) {
        const path = paths[next++ % paths.length] ?? '/';
        const { status, ms } = await wire.ask({ method: 'GET', path });
        if (status !== 200) throw new Error(`GET ${path}: ${status}`);
        latencies.add(ms);
      }
    }),
  );
  const took = (performance.now() - began) / 1_000;
  const used = spent(before, cpuByProcess(root));
  const cpuMs = (used.get('node') ?? 0) + (used.get('postgres') ?? 0);
  return {
    perSecond: latencies.count / took,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    cpuUs: (cpuMs * 1_000) / Math.max(1, latencies.count),
  };
}
