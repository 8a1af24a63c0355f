/**
 * Complete orders: two items into the cart, checkout, the gateway's order, paid by webhook, CONFIRMED, and in PostgreSQL.
 * One gateway and one actor process, generator included, closed loop: each customer starts the next order when the last
 * one is confirmed. That it is confirmed is read from the ORDER stream, which costs the system nothing that a customer's
 * own request would not.
 */
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import { decodeCommit } from '../actors/runtime/commit-encoding.ts';
import { lastRun } from '../brokers/launcher/run-file.ts';
import { streamOf } from '../config/subjects.ts';
import type { RunCase } from './case.ts';
import { cpuByProcess, spent } from './cpu.ts';
import { side } from './demo/sale.ts';
import { goodsOnSale, signIn } from './demo/stage.ts';
import { HttpClient } from './shop/http.ts';
import { median } from './shop/latencies.ts';
import {
  addToCart,
  checkout,
  newLatencies,
  pay,
  readOrder,
  register,
  type Shop,
  type Shopper,
} from './shop/shopper.ts';
import { type System, startOwn } from './system.ts';

export type OrdersResult = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly steps: Readonly<Record<string, { readonly p50Ms: number; readonly p99Ms: number }>>;
  readonly cpuMsPerOrder: Readonly<Record<string, number>>;
  /** From the last order to the last row of it in PostgreSQL. */
  readonly projectionLagMs: number;
};

export type OrdersOptions = {
  readonly customers: number;
  readonly seconds: number;
  readonly runs: number;
  readonly warmupSeconds: number;
};

const SKUS = 200;
const UNITS = 100_000;
const STEPS = ['add', 'checkout', 'pay', 'confirmed'] as const;

export const orders: RunCase = async ({ quick, runs, options, say }) => {
  const measured = await benchOrders(
    { customers: Number(options.customers ?? 64), seconds: quick ? 5 : 15, runs, warmupSeconds: quick ? 3 : 10 },
    say,
  );
  const { perSecond, p50Ms, p99Ms, steps, cpuMsPerOrder, projectionLagMs } = medianRun(measured);
  const cpu = Object.entries(cpuMsPerOrder).toSorted(([, a], [, b]) => b - a);
  const total = cpu.reduce((sum, [, ms]) => sum + ms, 0);
  return {
    rows: [
      ['complete orders, 2 items', `${perSecond.toFixed(0)}/s`, 'p50 ms', 'p99 ms'],
      ['  whole order', '', p50Ms.toFixed(1), p99Ms.toFixed(1)],
      ...Object.entries(steps).map(([step, at]) => [`  ${step}`, '', at.p50Ms.toFixed(1), at.p99Ms.toFixed(1)]),
      ['CPU an order', 'ms', '', ''],
      ...cpu.map(([name, ms]) => [`  ${name}`, ms.toFixed(2), '', '']),
      ['  all', total.toFixed(2), '', ''],
      ['last row in PostgreSQL after', `${projectionLagMs.toFixed(0)} ms`, '', ''],
    ],
    figures: { perSecond, p50Ms, p99Ms, cpuMsPerOrder: total, cpuMsPerOrderByProcess: cpuMsPerOrder, steps },
  };
};

export async function benchOrders(
  options: OrdersOptions,
  say: (text: string) => void,
): Promise<readonly OrdersResult[]> {
  const system = await startOwn('.haat-bench', { RATE_LIMIT_FACTOR: '1000000', LOG_LEVEL: 'warn' }, say);
  const api = new HttpClient(system.api, options.customers);
  const simulator = new HttpClient(system.simulator, options.customers);
  const nc = await connect({ servers: system.natsUrl, name: 'haat-bench' });
  const database = new Client({ connectionString: system.databaseUrl });
  try {
    await database.connect();
    const shop: Shop = { api, simulator, latencies: newLatencies(), patienceMs: 10_000 };
    const skus = await stocked(api);
    const run = Date.now().toString(36);
    const customers: Shopper[] = [];
    const numbers = Array.from({ length: options.customers }, (_, n) => n);
    await side(numbers, 8, async (n) => void customers.push(await register(shop, run, n)));
    say(`${customers.length} customers, ${skus.length} SKUs with ${UNITS.toLocaleString('en-IN')} units each`);
    const confirmations = await Confirmations.follow(nc);
    await oneRun(system, database, shop, customers, skus, confirmations, options.warmupSeconds);
    const results: OrdersResult[] = [];
    for (let n = 0; n < options.runs; n++) {
      const result = await oneRun(system, database, shop, customers, skus, confirmations, options.seconds);
      say(
        `run ${n + 1}: ${result.perSecond.toFixed(0)} orders/s, p50 ${result.p50Ms.toFixed(0)} ms, p99 ${result.p99Ms.toFixed(0)} ms`,
      );
      results.push(result);
    }
    confirmations.stop();
    return results;
  } finally {
    api.close();
    simulator.close();
    await nc.close();
    await database.end();
    await system.stop();
  }
}

/** The median run, by orders per second. */
export function medianRun(results: readonly OrdersResult[]): OrdersResult {
  const middle = median(results.map(({ perSecond }) => perSecond));
  const result = results.find(({ perSecond }) => perSecond === middle);
  if (!result) throw new Error('no runs');
  return result;
}

async function oneRun(
  system: System,
  database: Client,
  shared: Shop,
  customers: readonly Shopper[],
  skus: readonly string[],
  confirmations: Confirmations,
  seconds: number,
): Promise<OrdersResult> {
  const shop: Shop = { ...shared, latencies: newLatencies() };
  const whole: number[] = [];
  const root = lastRun(system.dataDir)?.pid ?? 0;
  const before = cpuByProcess(root);
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    customers.map(async (customer) => {
      while (performance.now() < end) {
        const started = performance.now();
        await addToCart(shop, customer, anyOf(skus), 1, { once: false });
        await addToCart(shop, customer, anyOf(skus), 1, { once: false });
        const order = await checkout(shop, customer, 'upi');
        if (order === 'out-of-stock') throw new Error('the bench ran out of stock');
        const page = order.gatewayOrderId ?? (await pageOf(shop, customer, order.id));
        const confirmed = confirmations.of(order.id);
        const paying = performance.now();
        await pay(shop, page, 'success');
        await confirmed;
        shop.latencies.confirmed.add(performance.now() - paying);
        whole.push(performance.now() - started);
      }
    }),
  );
  const took = (performance.now() - began) / 1000;
  const catchingUp = performance.now();
  await confirmations.inPostgres(database);
  const projectionLagMs = performance.now() - catchingUp;
  const used = spent(before, cpuByProcess(root));
  const sorted = whole.toSorted((a, b) => a - b);
  const quantile = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
  return {
    perSecond: whole.length / took,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    steps: Object.fromEntries(
      STEPS.map((step) => [
        step,
        { p50Ms: shop.latencies[step].quantile(0.5), p99Ms: shop.latencies[step].quantile(0.99) },
      ]),
    ),
    cpuMsPerOrder: Object.fromEntries([...used].map(([name, ms]) => [name, ms / Math.max(1, whole.length)])),
    projectionLagMs,
  };
}

/** The gateway of the payment answered after the checkout did. */
async function pageOf(shop: Shop, customer: Shopper, orderId: string): Promise<string> {
  for (;;) {
    const { payment } = await readOrder(shop, customer, orderId);
    if (payment.gatewayOrderId) return payment.gatewayOrderId;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stocked(api: HttpClient): Promise<readonly string[]> {
  const ops = await signIn(api, 'ops');
  const skus = (await goodsOnSale(api, SKUS)).slice(0, SKUS).map(({ sku }) => sku);
  await side(skus, 16, async (sku) => {
    const path = `/api/inventory/${sku}/wh_del`;
    const answer = await api.patiently({ method: 'PUT', path, token: ops, body: { onHand: UNITS } }, 10_000);
    if (answer.status !== 200) throw new Error(`PUT ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  });
  return skus;
}

/** Which orders are confirmed, as the ORDER stream says. */
class Confirmations {
  readonly #waiting = new Map<string, () => void>();
  readonly #confirmed = new Set<string>();
  /** Not in PostgreSQL yet, as far as we know. */
  readonly #unseen = new Set<string>();
  readonly #stop: () => void;

  private constructor(stop: () => void) {
    this.#stop = stop;
  }

  static async follow(nc: NatsConnection): Promise<Confirmations> {
    const consumer = await jetstream(nc).consumers.get(streamOf('order'), {
      deliver_policy: 'new',
    });
    const messages = await consumer.consume({ max_messages: 2_000 });
    const confirmations = new Confirmations(() => void messages.close());
    void (async () => {
      for await (const message of messages) {
        const { entries } = decodeCommit(message.data);
        if (!entries.some(({ events }) => events.some(({ type }) => type === 'OrderConfirmed'))) continue;
        confirmations.#seen(message.subject.slice(message.subject.lastIndexOf('.') + 1));
      }
    })();
    return confirmations;
  }

  #seen(orderId: string): void {
    this.#confirmed.add(orderId);
    this.#unseen.add(orderId);
    this.#waiting.get(orderId)?.();
    this.#waiting.delete(orderId);
  }

  of(orderId: string): Promise<void> {
    if (this.#confirmed.has(orderId)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(orderId, resolve));
  }

  /** Resolves once PostgreSQL shows all that were confirmed since it was last asked. */
  async inPostgres(database: Client): Promise<void> {
    let missing = [...this.#unseen];
    this.#unseen.clear();
    while (missing.length > 0) {
      const { rows } = await database.query<{ id: string }>(
        "select id from orders where id = any($1::text[]) and status = 'CONFIRMED'",
        [missing],
      );
      const there = new Set(rows.map(({ id }) => id));
      missing = missing.filter((id) => !there.has(id));
      if (missing.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  stop(): void {
    this.#stop();
  }
}

function anyOf<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('nothing is on sale');
  return item;
}
