/**
 * `npm run chaos -- [--seed N] [--runs N] [--kills N] [--targets actors,gateway,nats-server,postgres] [--json FILE]`
 *
 * Shoppers buy while processes are ended by SIGKILL, at moments and in an order that the seed decides; the launcher starts
 * them again. The verdict is the reckoning's: what the customers were told, against the event streams, PostgreSQL and the
 * payment simulator. Everything happens on loopback, and only processes of a system of its own are ended.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { processesBelow } from '../bench/cpu.ts';
import { shop as goShopping, grab, newTally, side } from '../bench/demo/sale.ts';
import { goodsOnSale, hotSku, untilOnSale } from '../bench/demo/stage.ts';
import { reckon } from '../bench/reckoning/reckon.ts';
import { HttpClient } from '../bench/shop/http.ts';
import { addToCart, newLatencies, register, type Shop, type Shopper } from '../bench/shop/shopper.ts';
import { type System, startOwn } from '../bench/system.ts';
import { lastRun } from '../brokers/launcher/run-file.ts';
import { type Random, seeded } from './random.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    runs: { type: 'string', default: '1' },
    kills: { type: 'string', default: '6' },
    targets: { type: 'string', default: 'actors,gateway,nats-server,postgres' },
    json: { type: 'string' },
  },
});

const SHOPPERS = 60;
const ORDERS = 4;
const CROWD = 200;
const STOCK = 20;
const RESERVATION_SECONDS = 15;
const PATIENCE_MS = 60_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

type Verdict = {
  readonly seed: number;
  readonly agreed: boolean;
  readonly acknowledged: number;
  readonly gaveUp: number;
};

async function run(system: System, seed: number): Promise<Verdict> {
  const random = seeded(seed);
  const api = new HttpClient(system.api, 256);
  const simulator = new HttpClient(system.simulator, 64);
  const shop: Shop = { api, simulator, latencies: newLatencies(), patienceMs: PATIENCE_MS };
  const stop = new AbortController();
  try {
    const name = `${seed}-${Date.now().toString(36)}`;
    const goods = await goodsOnSale(api, 500);
    const hot = await hotSku(api, name, STOCK);
    const people: Shopper[] = [];
    const numbers = Array.from({ length: SHOPPERS + CROWD }, (_, n) => n);
    await side(numbers, 16, async (n) => void people.push(await register(shop, name, n)));
    const shoppers = people.slice(0, SHOPPERS);
    const crowd = people.slice(SHOPPERS);
    await untilOnSale(() => addToCart({ ...shop, patienceMs: 1_000 }, people[SHOPPERS] ?? fail(), hot.sku, 1));
    await side(crowd.slice(1), 32, async (shopper) => void (await addToCart(shop, shopper, hot.sku, 1)));

    const tally = newTally();
    const killing = killAtRandom(system, random, stop.signal);
    await Promise.all([
      side(shoppers, SHOPPERS, (shopper) => goShopping(shop, shopper, goods, ORDERS, tally)),
      side(crowd, 50, (shopper) => grab(shop, shopper, tally)),
      killing,
    ]);
    say(`${tally.told.length} acknowledged, ${tally.soldOut} told sold out, ${tally.errors.length} gave up`);
    for (const error of tally.errors.slice(0, 5)) say(`  gave up: ${error}`);
    const sale = { told: tally.told, hot: { sku: hot.sku, units: STOCK, buyers: CROWD }, gaveUp: tally.errors.length };
    const agreed = await reckon(system, { ...sale, allEnded: true }, say);
    return { seed, agreed, acknowledged: tally.told.length, gaveUp: tally.errors.length };
  } finally {
    stop.abort();
    api.close();
    simulator.close();
  }
}

const fail = (): never => {
  throw new Error('nobody is in the crowd');
};

async function killAtRandom(system: System, random: Random, signal: AbortSignal): Promise<void> {
  const targets = values.targets.split(',');
  for (let n = 0; n < Number(values.kills) && !signal.aborted; n++) {
    await new Promise((resolve) => setTimeout(resolve, 300 + random.below(2_500)));
    const target = random.of(targets);
    const root = lastRun(system.dataDir)?.pid;
    if (root === undefined) throw new Error('the system has no launcher');
    const victim = processesBelow(root).find(({ label, parent }) => label === target && parent === root);
    if (victim === undefined) continue;
    say(`SIGKILL ${target} (pid ${victim.pid})`);
    process.kill(victim.pid, 'SIGKILL');
  }
}

const verdicts: Verdict[] = [];
const system = await startOwn(
  '.haat-chaos',
  { LAYOUT: 'apart', RATE_LIMIT_FACTOR: '100000', RESERVATION_SECONDS: String(RESERVATION_SECONDS) },
  say,
);
try {
  for (let n = 0; n < Number(values.runs); n++) {
    const seed = Number(values.seed) + n;
    say(`\nseed ${seed}`);
    verdicts.push(await run(system, seed));
  }
} finally {
  await system.stop();
}
const failed = verdicts.filter(({ agreed }) => !agreed);
say(
  `\n${verdicts.length} runs, ${failed.length} do not agree${failed.map(({ seed }) => `\n  npm run chaos -- --seed ${seed}`).join('')}`,
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ runs: verdicts }, null, 2)}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
