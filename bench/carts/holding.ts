/** Carts that lie on disk, loaded into memory: how long a load takes, and how many a GiB holds. */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { cart } from '../../actors/cart/kind.ts';
import type { Paise, ProductId, SellerId, Sku } from '../../actors/ids.ts';
import { type ActorHost, createActorHost } from '../../actors/runtime/host.ts';
import { ROOT } from '../../config/env.ts';
import type { Bench } from '../case.ts';
import { side } from '../demo/sale.ts';
import { copies, numbered, readHistory } from '../seed/histories.ts';
import { startLogServer } from '../seed/log-server.ts';
import { Latencies } from '../shop/latencies.ts';

export type Holding = {
  readonly carts: number;
  readonly coldLoad: { readonly p50Ms: number; readonly p99Ms: number };
  readonly loadsPerSecond: number;
  readonly bytesEach: number;
  readonly perGiB: number;
};

/** At once while latency is measured: a queue at the server is not a load's own time. */
const AT_ONCE = 8;
const FILLING = 256;
const NEVER = 3_600_000;

/** Two items, each put in by a command of its own, as a customer does. */
async function fill(host: ActorHost, id: string): Promise<void> {
  for (const [n, name] of ['Cotton kurta, block print, indigo', 'Steel tiffin, three tiers'].entries()) {
    const offer = {
      productId: numbered('prd', n) as ProductId,
      sellerId: numbered('sel', n) as SellerId,
      name,
      unitPrice: (79_900 + n) as Paise,
    };
    const reply = await host.command({
      kind: 'cart',
      id,
      type: 'addItem',
      input: { sku: `SKU-${n}` as Sku, quantity: 1, offer },
      commandId: numbered('cmd', n),
      deadline: Date.now() + 5_000,
    });
    if ('failure' in reply || !reply.ok) throw new Error(`the cart was not filled: ${JSON.stringify(reply)}`);
  }
}

export async function measureHolding({ quick, runs, say }: Bench): Promise<readonly Holding[]> {
  const carts = quick ? 30_000 : 200_000;
  const server = await startLogServer(join(ROOT, '.haat-bench', 'carts', 'nats'), say);
  const logger = pino({ level: 'error' });
  const freshHost = (): ActorHost =>
    createActorHost({
      log: server.log,
      kinds: [cart],
      owns: () => true,
      logger,
      limits: { idleMs: NEVER, memoryBytes: 2 ** 40 },
    });
  try {
    const first = freshHost();
    await fill(first, 'the-first');
    await first.stop(1_000);
    const history = await readHistory(server.log, 'cart', 'the-first');
    await copies(server.log, history, carts, (n) => numbered('usr', n));
    say(`${carts.toLocaleString('en')} carts are on disk`);
    const measured: Holding[] = [];
    for (let n = 1; n <= runs; n++) {
      const run = await loadAll(freshHost(), carts);
      say(`loaded, run ${n}: p99 ${run.coldLoad.p99Ms.toFixed(1)} ms, ${run.bytesEach.toFixed(0)} bytes each`);
      measured.push(run);
    }
    return measured;
  } finally {
    await server.stop();
  }
}

async function loadAll(host: ActorHost, carts: number): Promise<Holding> {
  const latencies = new Latencies();
  const load = async (n: number): Promise<void> => {
    const asked = performance.now();
    const read = await host.read('cart', numbered('usr', n), Date.now() + 30_000);
    if ('failure' in read || read.version !== 2) throw new Error(`not loaded: ${JSON.stringify(read)}`);
    latencies.add(performance.now() - asked);
  };
  const all = Array.from({ length: carts }, (_, n) => n);
  const timed = Math.min(10_000, carts / 2);
  const before = settledBytes();
  await side(all.slice(0, timed), AT_ONCE, load);
  const coldLoad = { p50Ms: latencies.quantile(0.5), p99Ms: latencies.quantile(0.99) };
  const began = performance.now();
  await side(all.slice(timed), FILLING, load);
  const loadsPerSecond = ((carts - timed) * 1000) / (performance.now() - began);
  const { activations } = host.stats();
  if (activations !== carts) throw new Error(`${carts} carts were read, ${activations} are in memory`);
  const bytesEach = (settledBytes() - before) / carts;
  await host.stop(1_000);
  return { carts, coldLoad, loadsPerSecond, bytesEach, perGiB: 2 ** 30 / bytesEach };
}

/** Memory in use after all garbage is gone. */
function settledBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') for (let n = 0; n < 3; n++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
