/**
 * Three times what the system can do. First how much that is: shoppers who buy and look around, closed loop. Then, open
 * loop, 80 % of it, the same under a flood of forged checkouts, all of it, three times, and 80 % again; with shedding and
 * without. A shopper who is refused comes back when told to, twice. Latencies count from when a request was due.
 */
import { randomBytes } from 'node:crypto';
import { connect } from '@nats-io/transport-node';
import type { Bench, CaseResult, Row } from './case.ts';
import { side } from './demo/sale.ts';
import { goodsOnSale, signIn } from './demo/stage.ts';
import { KINDS, Tally } from './overload/tally.ts';
import { buy, forge, look, type Shop, type Visitor, visitors } from './overload/visitors.ts';
import { Wire } from './overload/wire.ts';
import { HttpClient } from './shop/http.ts';
import { startOwn } from './system.ts';

const SKUS = 200;
const UNITS = 100_000;
/** Closed loop; each waits half a second and more for the confirmation. */
const BUYERS = 384;
/** Pages that are looked at for each purchase that is begun. */
const LOOKS = 8;
const CONNECTIONS = 1_500;
const FACTOR = 3;
const FORGED = 10;

type Plan = {
  readonly name: string;
  readonly factor: number;
  readonly seconds: number;
  /** Checkouts a second with a token that somebody made up, for each purchase a second of the highest rate. */
  readonly forged?: number;
};
type Phase = Plan & {
  readonly tally: Tally;
  /** When the last purchase was begun. */
  readonly endedAt: number;
  /** Of this process, in cores: near 1, it is the generator that is too slow. */
  readonly generator: number;
};

export async function overload({ quick, say }: Bench): Promise<CaseResult> {
  const seconds = quick ? { find: 3, calm: 2, peak: 5 } : { find: 10, calm: 10, peak: 20 };
  const peak = { name: `${FACTOR} times`, factor: FACTOR, seconds: seconds.peak };
  const after = { name: '80 % right after', factor: 0.8, seconds: 2 * seconds.calm };
  const plans: Readonly<Record<'on' | 'off', readonly Plan[]>> = {
    on: [
      { name: '80 %', factor: 0.8, seconds: seconds.calm },
      {
        name: `80 %, and forged checkouts, ${FORGED} times as many`,
        factor: 0.8,
        seconds: seconds.calm,
        forged: FORGED,
      },
      { name: 'once', factor: 1, seconds: seconds.calm },
      peak,
      after,
    ],
    off: [peak, after],
  };
  const rows: Row[] = [HEAD];
  const figures: Record<string, unknown> = {};
  let highest = 0;
  for (const shedding of ['on', 'off'] as const) {
    const phases = await withShop(shedding, say, async (shop, next) => {
      // The same load for both, else they could not be compared.
      highest ||= await highestRate(shop, next, seconds.find);
      say(`highest rate, closed loop: ${highest.toFixed(0)} orders/s with ${LOOKS} pages each; shedding ${shedding}`);
      return inTurn(shop, next, highest, plans[shedding]);
    });
    for (const phase of phases) rows.push([`shedding ${shedding}, ${phase.name}`, ...rowOf(phase)]);
    const recoveredMs = recovery(phases);
    if (shedding === 'on') rows.push([`nothing shed any more ${(recoveredMs / 1_000).toFixed(1)} s after the peak`]);
    figures[shedding] = {
      ...Object.fromEntries(phases.map((phase) => [phase.name, figuresOf(phase)])),
      ...(shedding === 'on' ? { recoveredMs } : {}),
    };
  }
  return {
    rows: [[`highest rate, closed loop: ${highest.toFixed(0)} orders/s`], ...rows],
    figures: { highest, ...figures },
  };
}

/** One phase begins as the one before has begun its last purchase; then all that still runs is waited for. */
async function inTurn(shop: Shop, next: () => Visitor, highest: number, plans: readonly Plan[]): Promise<Phase[]> {
  const phases: Phase[] = [];
  const running: Promise<unknown>[] = [];
  for (const plan of plans) {
    const tally = new Tally();
    const before = process.cpuUsage();
    const flood = everySoOften(highest * (plan.forged ?? 0), plan.seconds, () => void forge(shop, tally));
    // Too many to be spread as arguments.
    for (const one of await openLoop(shop, next, tally, highest * plan.factor, plan.seconds)) running.push(one);
    await flood;
    const { user, system } = process.cpuUsage(before);
    const generator = (user + system) / 1e6 / plan.seconds;
    phases.push({ ...plan, tally, endedAt: performance.now(), generator });
  }
  await Promise.all(running);
  return phases;
}

/** From the end of the peak until the last request was shed, ms. */
function recovery(phases: readonly Phase[]): number {
  const peak = phases.find(({ factor }) => factor > 1);
  const lastShed = Math.max(...phases.map(({ tally }) => tally.lastShedAt ?? 0));
  return peak === undefined ? 0 : Math.max(0, lastShed - peak.endedAt);
}

async function withShop<T>(
  shedding: 'on' | 'off',
  say: Bench['say'],
  use: (shop: Shop, next: () => Visitor) => Promise<T>,
): Promise<T> {
  const secret = randomBytes(24).toString('hex');
  const variables = { RATE_LIMIT_FACTOR: '1000000', LOG_LEVEL: 'warn', JWT_SECRET: secret, SHEDDING: shedding };
  const system = await startOwn('.haat-bench', variables, say);
  const nats = await connect({ servers: system.natsUrl, name: 'haat-bench' });
  const shop = { api: new Wire(system.api, CONNECTIONS), simulator: new Wire(system.simulator, CONNECTIONS) };
  const http = new HttpClient(system.api, 16);
  try {
    const goods = await goodsOnSale(http, SKUS);
    const ops = await signIn(http, 'ops');
    await side(goods, 16, async ({ sku }) => {
      const path = `/api/inventory/${sku}/wh_del`;
      await http.patiently({ method: 'PUT', path, token: ops, body: { onHand: UNITS } }, 10_000);
    });
    const tree = await http.ask({ method: 'GET', path: '/api/categories' });
    const roots: readonly { readonly id: string }[] = tree.body.data;
    return await use({ ...shop, goods, categories: roots.map(({ id }) => id) }, visitors(nats, secret));
  } finally {
    http.close();
    shop.api.close();
    shop.simulator.close();
    await nats.close();
    await system.stop();
  }
}

/** Orders a second by shoppers of whom each begins anew when the last order is confirmed. */
async function highestRate(shop: Shop, next: () => Visitor, seconds: number): Promise<number> {
  let best = 0;
  // The first round warms up.
  for (const length of [seconds / 2, seconds / 2, seconds / 2]) {
    const tally = new Tally();
    const end = performance.now() + length * 1_000;
    await Promise.all(
      Array.from({ length: BUYERS }, async () => {
        while (performance.now() < end) {
          const looking = Promise.all(Array.from({ length: LOOKS }, (_, n) => look(shop, tally, n)));
          await buy(shop, tally, next(), performance.now());
          await looking;
        }
      }),
    );
    best = Math.max(best, tally.confirmed / length);
  }
  return best;
}

/** `rate` purchases a second are begun, however the system fares, and pages looked at. Answers what still runs. */
async function openLoop(
  shop: Shop,
  next: () => Visitor,
  tally: Tally,
  rate: number,
  seconds: number,
): Promise<readonly Promise<unknown>[]> {
  const running: Promise<unknown>[] = [];
  await everySoOften(rate, seconds, (due) => {
    running.push(buy(shop, tally, next(), due));
    for (let n = 0; n < LOOKS; n++) running.push(look(shop, tally, n));
  });
  return running;
}

/** `rate` times a second, for so long. `due`: when each was meant to be; a process that is late catches up. */
async function everySoOften(rate: number, seconds: number, begin: (due: number) => void): Promise<void> {
  const began = performance.now();
  const total = Math.floor(rate * seconds);
  for (let begun = 0; begun < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1_000) * rate));
    for (; begun < due; begun++) begin(began + (begun / rate) * 1_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const HEAD: Row = [
  '',
  'orders/s',
  'of those begun',
  'checkout p50',
  'p99 ms',
  'cart p99',
  ...['shed: order', 'cart', 'find', '2nd', '3rd'],
  'failed',
  'generator, cores',
];

function rowOf({ tally, seconds, generator }: Phase): Row {
  const { checkouts, confirmed, begun, failed, latencies } = tally;
  return [
    (confirmed / seconds).toFixed(0),
    percent(confirmed / begun),
    checkouts.quantile(0.5).toFixed(0),
    checkouts.quantile(0.99).toFixed(0),
    latencies.cart.quantile(0.99).toFixed(0),
    ...KINDS.map((kind) => percent(tally.shareShed(kind))),
    KINDS.reduce((sum, kind) => sum + failed[kind], 0),
    generator.toFixed(2),
  ];
}

const figuresOf = ({ tally, seconds, generator }: Phase) => ({
  ordersPerSecond: tally.confirmed / seconds,
  begun: tally.begun,
  confirmed: tally.confirmed,
  checkoutP50Ms: tally.checkouts.quantile(0.5),
  checkoutP99Ms: tally.checkouts.quantile(0.99),
  cartP99Ms: tally.latencies.cart.quantile(0.99),
  wholeP99Ms: tally.whole.quantile(0.99),
  shed: tally.shed,
  asked: tally.asked,
  failed: tally.failed,
  forged: Object.fromEntries(tally.forgeries),
  generatorCores: generator,
});

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
