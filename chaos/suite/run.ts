/** One run: goods and customers of its own, faults while they shop, everything healed, and then the books. */
import { setTimeout as pause } from 'node:timers/promises';
import { side } from '../../bench/demo/sale.ts';
import { HttpClient } from '../../bench/shop/http.ts';
import { newLatencies, register, type Shop } from '../../bench/shop/shopper.ts';
import type { Planned } from '../faults/fault.ts';
import { seeded } from '../random.ts';
import { bargainHunter } from '../shoppers/bargain-hunters.ts';
import { buyer } from '../shoppers/buyers.ts';
import { cartKeeper } from '../shoppers/cart-keepers.ts';
import { type Diary, newDiary, type Told } from '../shoppers/diary.ts';
import { openSale, putOnSale, type Staff, untilKnown } from '../shoppers/goods.ts';
import { lastCustomer } from '../shoppers/last-customer.ts';
import { secondLook } from '../shoppers/second-look.ts';
import type { Stage } from '../stage/stage.ts';
import type { Books } from '../verdict/evidence.ts';
import { type Evidence, type Finding, judge, judgeCarts } from '../verdict/judge.ts';
import { inflict, notBack } from './inflict.ts';
import { EARLY_MS, SALE_MS, SHOPPING_MS } from './plan.ts';

const BUYERS = 10;
const CARTS = 3;
const HUNTERS = 3;
const DEVICES = 2;
/** Of the scarce SKU: fewer than are wanted. */
const UNITS = 6;
const PATIENCE_MS = 25_000;
const ATTEMPT_MS = 6_000;
/** From the last fault's end until every order must be final: see docs/decisions/20-chaos.md. */
export const FINAL_WITHIN_MS = 60_000;

export type RunResult = {
  readonly diary: Diary;
  readonly findings: readonly Finding[];
  readonly evidence: Evidence | undefined;
  /** Faults that could not be inflicted. */
  readonly skipped: readonly string[];
  /** From the last heal to rest. */
  readonly settledMs: number;
  readonly waitedFor?: string | undefined;
};

/** What the stage has seen so far; grows. */
export type Past = { readonly told: Told[]; readonly sales: string[] };

export type RunOptions = {
  readonly seed: number;
  readonly plan: readonly Planned[];
  /** Default: FINAL_WITHIN_MS. */
  readonly finalWithinMs?: number;
  readonly past: Past;
  /** No other run comes after this one: also its own sale must have been cleared away. */
  readonly last: boolean;
};

export async function runOnce(
  stage: Stage,
  books: Books,
  staff: Staff,
  { seed, plan, past, last, finalWithinMs = FINAL_WITHIN_MS }: RunOptions,
): Promise<RunResult> {
  const { system } = stage;
  const api = new HttpClient(system.api, 128, ATTEMPT_MS);
  const simulator = new HttpClient(system.simulator, 64, ATTEMPT_MS);
  const shop: Shop = { api, simulator, latencies: newLatencies(), patienceMs: PATIENCE_MS };
  const diary = newDiary();
  const random = seeded(seed ^ 0xca57);
  const name = `R${seed}-${Date.now().toString(36)}`.toUpperCase();
  try {
    const [goods, people] = await Promise.all([putOnSale(api, staff, name, UNITS), registerAll(shop, name)]);
    const [scout, ...others] = people;
    if (scout === undefined) throw new Error('nobody came');
    await untilKnown(api, scout.token, goods);
    await openSale(api, staff, goods, SALE_MS);

    let closing = false;
    const began = performance.now();
    const early = (): boolean => performance.now() - began < EARLY_MS;
    const buying = { shop, goods, diary, closing: () => closing, early };
    const shopping = [
      ...others.slice(0, BUYERS).map((shopper) => buyer({ ...buying, random: seeded(random.below(1e9)) }, shopper)),
      ...others
        .slice(BUYERS)
        .flatMap((shopper, n) =>
          Array.from({ length: DEVICES }, () =>
            (n < CARTS ? cartKeeper : bargainHunter)({ ...buying, random: seeded(random.below(1e9)) }, shopper),
          ),
        ),
    ];
    const closed = pause(SHOPPING_MS).then(() => {
      closing = true;
    });
    const skipped = await inflict(stage, plan);
    const healed = performance.now();
    await closed;
    await Promise.all(shopping);
    const unserved = await lastCustomer(shop, scout, diary);
    const missing = await notBack(stage);
    const late = Math.max(0, ...plan.map(({ lateMs = 0 }) => lateMs));
    // What was read may have been lost with the power.
    if (plan.some(({ fault }) => fault === 'power')) books.forget();
    const salesOver = last ? [...past.sales, goods.bargain] : [...past.sales];
    const known = { diary, goods, before: past.told, salesOver };
    const { findings, evidence, waitedFor } = await books.settle(known, judge, healed + finalWithinMs + late);
    const settledMs = Math.round(performance.now() - healed);
    past.told.push(...diary.told);
    past.sales.push(goods.bargain);
    const besides: Finding[] = judgeCarts(diary);
    if (evidence !== undefined)
      for (const what of await secondLook(shop, people, evidence)) besides.push({ kind: 'disagreement', what });
    if (missing !== undefined) besides.push({ kind: 'unfinished', what: `${missing} has not come back` });
    if (unserved !== undefined) besides.push({ kind: 'unfinished', what: `nobody is served any more: ${unserved}` });
    return { diary, findings: [...findings, ...besides], evidence, skipped, settledMs, waitedFor };
  } finally {
    api.close();
    simulator.close();
  }
}

async function registerAll(shop: Shop, name: string) {
  const people: Awaited<ReturnType<typeof register>>[] = [];
  const numbers = Array.from({ length: 1 + BUYERS + CARTS + HUNTERS }, (_, n) => n);
  await side(numbers, 4, async (n) => void people.push(await register(shop, name, n)));
  return people;
}
