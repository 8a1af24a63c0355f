/**
 * A hundred thousand who wait at once, at as many gateways as their streams need: what they cost them, and what they cost
 * all that is behind them while they do; how soon all of them know that it is sold out; and how evenly they are let in at
 * the rate configured for the cluster.
 */
import { randomBytes } from 'node:crypto';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { lastRun } from '../brokers/launcher/run-file.ts';
import type { Bench, CaseResult } from './case.ts';
import { expect, goodsOnSale, signIn } from './demo/stage.ts';
import { HttpClient } from './shop/http.ts';
import { checkout, newLatencies, register } from './shop/shopper.ts';
import { startOwn } from './system.ts';
import { Behind, residentMiB } from './waiting-room/behind.ts';
import { Crowds } from './waiting-room/crowds.ts';
import { Gateways, sizesFor } from './waiting-room/gateways.ts';
import type { Heard } from './waiting-room/messages.ts';

const RATE = 10_000;
/** Nearly standing: those who are let in while the costs are taken do not count. */
const SLOW = 1;
const PATIENCE_MS = 15_000;
const PROGRESS_MS = 10_000;
/** Beyond those who are meant to wait at one gateway. */
const SPARE_STREAMS = 1_000;
const GATHER_WITHIN_MS = 300_000;
const HEARD_WITHIN_MS = 60_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function waitingRoom({ quick, say }: Bench): Promise<CaseResult> {
  const wanted = quick ? 10_000 : 100_000;
  const sizes = sizesFor(wanted, quick);
  if (typeof sizes === 'string') {
    say(`skipped: ${sizes}`);
    return { rows: [[`waiting room: skipped, ${sizes}`]], figures: null };
  }
  const { people, gateways: count } = sizes;
  if (people < wanted) say(`${people} instead of ${wanted}: a process may not have more files open (ulimit -n)`);
  const seconds = quick ? 6 : 20;
  const secret = randomBytes(24).toString('hex');
  const variables = {
    LAYOUT: 'apart',
    JWT_SECRET: secret,
    RATE_LIMIT_FACTOR: '1000000',
    LOG_LEVEL: 'warn',
    WAITING_ROOM_STREAMS: String(sizes.each + SPARE_STREAMS),
  };
  const system = await startOwn('.haat-bench/waiting-room', variables, say);
  const run = lastRun(system.dataDir);
  const redis = new Redis(run?.servers.REDIS_URL ?? '');
  const nc = await connect({ servers: system.natsUrl, name: 'haat-bench' });
  const database = new Client({ connectionString: system.databaseUrl });
  const api = new HttpClient(system.api, 8);
  const simulator = new HttpClient(system.simulator, 1);
  const crowds = new Crowds(count);
  let gateways: Gateways | undefined;
  try {
    await database.connect();
    gateways = await Gateways.of(system, count, variables);
    const { apis, pids, joined } = gateways;
    say(`${count} gateways for ${people} who wait`);
    const behind = new Behind({ nc, database, redis, pids: [run?.pid ?? 0, ...joined] });
    const ops = await signIn(api, 'ops');
    const goods = await goodsOnSale(api, 10);
    const shop = { api, simulator, latencies: newLatencies(), patienceMs: PATIENCE_MS };
    const buyer = await register(shop, Date.now().toString(36), 0);

    const sale = async (index: number): Promise<{ id: string; sku: string }> => {
      const sku = goods[index]?.sku ?? '';
      const endsAt = new Date(Date.now() + 3_600_000).toISOString();
      const body = { title: 'Bench', endsAt, items: [{ sku, price: 1, units: 1, limitPerCustomer: 1, buckets: 1 }] };
      const made = await expect(api, { method: 'POST', path: '/api/sales', token: ops, body }, 201);
      return { id: made.id, sku };
    };
    const tune = (room: string, ratePerSecond: number) =>
      expect(api, { method: 'PUT', path: `/api/waiting-room/${room}`, token: ops, body: { ratePerSecond } }, 200);
    const gather = async (room: string): Promise<number> => {
      const began = performance.now();
      let saidAt = began;
      await crowds.gather(apis, secret, room, people);
      const { waiting, failed, reasons } = await until(crowds, GATHER_WITHIN_MS, (heard) => {
        if (heard.gathering && performance.now() - saidAt > PROGRESS_MS) {
          saidAt = performance.now();
          say(`${heard.waiting} wait so far`);
        }
        return !heard.gathering;
      });
      const took = (performance.now() - began) / 1_000;
      say(`${waiting} wait after ${took.toFixed(0)} s, ${failed} failed ${reasons.join('; ')}`);
      return waiting;
    };

    const empty = residentMiB(pids);
    const idle = await behind.during(seconds);
    const first = await sale(0);
    // The buyer is in before the queue is.
    const item = { sku: first.sku, quantity: 1 };
    await expect(api, { method: 'POST', path: '/api/cart/items', token: buyer.token, body: item }, 200);
    await tune(first.id, SLOW);
    const waiting = await gather(first.id);
    await pause(quick ? 2_000 : 5_000);
    const told = (await crowds.report()).positions;
    const while_ = await behind.during(seconds);
    const full = residentMiB(pids);
    const each = ((await crowds.report()).positions - told) / seconds;
    say(`waiting: gateways ${full.toFixed(0)} MiB, ${while_.cpu.get('gateway')?.toFixed(0)} ms CPU a second`);

    await checkout(shop, buyer, 'cod');
    const soldAt = Date.now();
    const { cutOff } = await until(
      crowds,
      HEARD_WITHIN_MS,
      (heard) => heard.soldOut + heard.admitted + heard.cutOff >= waiting,
    );
    const { soldOut } = await crowds.times();
    const within = (part: number): number => (soldOut[Math.floor((soldOut.length - 1) * part)] ?? 0) - soldAt;
    say(`sold out: ${soldOut.length} told, half after ${within(0.5)} ms, all after ${within(1)} ms; ${cutOff} cut off`);
    await crowds.leave();

    const second = await sale(1);
    await tune(second.id, SLOW);
    const again = await gather(second.id);
    await tune(second.id, RATE);
    const { cutOff: lost } = await until(crowds, HEARD_WITHIN_MS, (heard) => heard.admitted + heard.cutOff >= again);
    const { admitted } = await crowds.times();
    const perSecond = admittedPerSecond(admitted);
    say(`admitted ${admitted.length}, ${lost} cut off; a second: ${perSecond.join(' ')}`);
    const [from = 0, to = 0] = [
      admitted[Math.floor(admitted.length * 0.1)],
      admitted[Math.floor(admitted.length * 0.9)],
    ];
    const rate = (admitted.length * 0.8) / ((to - from) / 1_000);

    return {
      rows: [
        ['a waiting room', 'figure', 'of it'],
        ['waiting, streams open', waiting, `of ${people}, at ${count} gateways`],
        [
          'gateways, resident',
          `${full.toFixed(0)} MiB`,
          `${empty.toFixed(0)} MiB before; ${(((full - empty) * 1_024) / waiting).toFixed(1)} KiB each`,
        ],
        [
          'gateways, CPU ms a second',
          (while_.cpu.get('gateway') ?? 0).toFixed(0),
          `${(idle.cpu.get('gateway') ?? 0).toFixed(0)} without them; ${each.toFixed(0)} events/s`,
        ],
        ['calls and commits of actors a second', while_.actors.toFixed(1), `${idle.actors.toFixed(1)} without them`],
        ['all messages of NATS a second', while_.nats.toFixed(1), `${idle.nats.toFixed(1)} without them`],
        ['transactions of PostgreSQL a second', while_.postgres.toFixed(1), `${idle.postgres.toFixed(1)} without them`],
        ['commands of Redis a second', while_.redis.toFixed(1), `${idle.redis.toFixed(1)} without them`],
        [
          'actors, CPU ms a second',
          (while_.cpu.get('actors') ?? 0).toFixed(0),
          `${(idle.cpu.get('actors') ?? 0).toFixed(0)} without them`,
        ],
        ['told that it is sold out', `${within(1)} ms`, `half after ${within(0.5)} ms; ${soldOut.length} told`],
        ['admitted a second', rate.toFixed(0), `${RATE} configured; ${admitted.length} in all`],
      ],
      figures: {
        waiting,
        gateways: count,
        gatewayMiB: full,
        kibEach: ((full - empty) * 1_024) / waiting,
        gatewayCpuMsPerSecond: while_.cpu.get('gateway') ?? 0,
        eventsPerSecond: each,
        backend: { waiting: plain(while_), idle: plain(idle) },
        soldOutToldMs: { half: within(0.5), all: within(1), told: soldOut.length },
        admittedPerSecond: rate,
        admittedBySecond: perSecond,
        configured: RATE,
      },
    };
  } finally {
    crowds.stop();
    api.close();
    simulator.close();
    redis.disconnect();
    await Promise.allSettled([nc.close(), database.end()]);
    await gateways?.stop();
    await system.stop();
  }
}

const plain = ({ cpu, ...rest }: Awaited<ReturnType<Behind['during']>>) => ({ ...rest, cpu: Object.fromEntries(cpu) });

async function until(crowds: Crowds, withinMs: number, done: (heard: Heard) => boolean): Promise<Heard> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    await pause(500);
    const heard = await crowds.report();
    if (done(heard)) return heard;
    if (Date.now() > deadline) throw new Error(`not in ${withinMs / 1_000} s: ${JSON.stringify(heard)}`);
  }
}

function admittedPerSecond(times: readonly number[]): readonly number[] {
  const start = times[0] ?? 0;
  const counts: number[] = [];
  for (const time of times) {
    const second = Math.floor((time - start) / 1_000);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return Array.from(counts, (count) => count ?? 0);
}
