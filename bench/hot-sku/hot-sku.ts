/**
 * Grants a second on one SKU: one process asks, with so many grants under way, and each grant leaves a record of its
 * hold by order id; a repeat of the same order gets the same unit. Rounds go in turn (A B C A B C), so that noise hits
 * all alike. After each round the records are counted: as many as were granted.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../config/env.ts';
import type { Bench, Row, RunCase } from '../case.ts';
import { cpuBelow } from '../cpu.ts';
import { closedLoop } from '../load/loops.ts';
import { Latencies } from '../shop/latencies.ts';
import { cells, figure, spreadOf } from '../suite/spread.ts';
import { haat } from './haat.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import type { Seller } from './seller.ts';

const IN_FLIGHT = [64, 512] as const;
const ROUNDS = 3;
const UNITS = 100_000_000;

type Round = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clientMicros: number;
  readonly serverMicros: number;
};

export const hotSku: RunCase = async (bench) => {
  const dir = join(ROOT, '.haat-bench', 'hot-sku');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const sellers: Seller[] = [];
  try {
    sellers.push(await haat(join(dir, 'nats'), '2m', bench.say));
    sellers.push(await redis(join(dir, 'redis'), 'everysec', bench.say));
    sellers.push(await postgres(join(dir, 'postgres')));
    sellers.push(await haat(join(dir, 'nats-fsync'), 'always', bench.say));
    sellers.push(await redis(join(dir, 'redis-fsync'), 'always', bench.say));
    const rounds = await allRounds(bench, sellers);
    return { rows: rowsOf(sellers, rounds), figures: figuresOf(sellers, rounds) };
  } finally {
    for (const seller of sellers) await seller.close();
    rmSync(dir, { recursive: true, force: true });
  }
};

type Rounds = ReadonlyMap<number, ReadonlyMap<Seller, readonly Round[]>>;

async function allRounds({ quick, say }: Bench, sellers: readonly Seller[]): Promise<Rounds> {
  for (const seller of sellers) await oneRound(seller, 64, 0.5, `${seller.key}-warm-up`);
  const all = new Map<number, Map<Seller, Round[]>>();
  for (const inFlight of IN_FLIGHT) {
    const bySeller = new Map(sellers.map((seller) => [seller, [] as Round[]]));
    for (let n = 1; n <= ROUNDS; n++) {
      for (const [seller, rounds] of bySeller) {
        rounds.push(await oneRound(seller, inFlight, quick ? 0.8 : 3, `hot-${inFlight}-${n}`));
      }
      const told = [...bySeller].map(([{ key }, rounds]) => `${key} ${figure(rounds.at(-1)?.perSecond ?? 0)}/s`);
      say(`${inFlight} under way, round ${n}: ${told.join(', ')}`);
    }
    all.set(inFlight, bySeller);
  }
  return all;
}

async function oneRound(seller: Seller, inFlight: number, seconds: number, sku: string): Promise<Round> {
  await seller.stock(sku, UNITS);
  const latencies = new Latencies();
  let grants = 0;
  const server = cpuBelow(seller.serverPid);
  const client = process.cpuUsage();
  const lanes = Array.from({ length: inFlight }, (_, n) => n);
  const tookMs = await closedLoop(lanes, seconds, async () => {
    const n = grants++;
    const asked = performance.now();
    await seller.grant(sku, `${sku}-${n.toString(16).padStart(8, '0')}`);
    // One in sixteen is enough for a quantile, and costs nothing.
    if (n % 16 === 0) latencies.add(performance.now() - asked);
  });
  const { user, system } = process.cpuUsage(client);
  const serverMs = cpuBelow(seller.serverPid) - server;
  const granted = await seller.granted(sku);
  if (granted !== grants) throw new Error(`${seller.name}: ${grants} were granted, ${granted} are on record`);
  return {
    perSecond: (grants * 1000) / tookMs,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    clientMicros: (user + system) / grants,
    serverMicros: (serverMs * 1000) / grants,
  };
}

const medianOf = (rounds: readonly Round[], pick: (round: Round) => number): number =>
  spreadOf(rounds.map(pick)).median;

function rowsOf(sellers: readonly Seller[], rounds: Rounds): readonly Row[] {
  const rows: Row[] = [];
  for (const [inFlight, bySeller] of rounds) {
    const ours = medianOf(bySeller.get(sellers[0] as Seller) ?? [], ({ perSecond }) => perSecond);
    rows.push([
      `one hot SKU, ${inFlight} under way`,
      ...['grants/s', 'rounds', 'Haat ×', 'p50 ms', 'p99 ms', 'µs: client', 'server', 'survives'],
    ]);
    for (const [{ name, survives }, of] of bySeller) {
      const rate = spreadOf(of.map(({ perSecond }) => perSecond));
      rows.push([
        `  ${name}`,
        ...cells(rate),
        figure(ours / rate.median, 2),
        figure(
          medianOf(of, ({ p50Ms }) => p50Ms),
          1,
        ),
        figure(
          medianOf(of, ({ p99Ms }) => p99Ms),
          1,
        ),
        figure(
          medianOf(of, ({ clientMicros }) => clientMicros),
          1,
        ),
        figure(
          medianOf(of, ({ serverMicros }) => serverMicros),
          1,
        ),
        survives,
      ]);
    }
  }
  return rows;
}

/** The keys by themselves: with the most under way. */
function figuresOf(sellers: readonly Seller[], rounds: Rounds): unknown {
  const at = (inFlight: number, seller: Seller): readonly Round[] => rounds.get(inFlight)?.get(seller) ?? [];
  const rate = (inFlight: number, seller: Seller): number =>
    medianOf(at(inFlight, seller), ({ perSecond }) => perSecond);
  const most = Math.max(...IN_FLIGHT);
  return {
    ...Object.fromEntries(sellers.map((seller) => [seller.key, rate(most, seller)])),
    inFlight: most,
    byInFlight: Object.fromEntries(
      IN_FLIGHT.map((inFlight) => [
        inFlight,
        Object.fromEntries(sellers.map((seller) => [seller.key, at(inFlight, seller)])),
      ]),
    ),
    survives: Object.fromEntries(sellers.map(({ key, survives }) => [key, survives])),
  };
}
