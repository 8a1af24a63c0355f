/**
 * A flash sale at the ledgers alone: one SKU, its units in 1, 4 or 16 buckets, a crowd that holds and pays until all is sold
 * out, refills included. One process and a nats-server of its own; where one node has all of the buckets they only show
 * what they cost, and with an fsync for every commit what they save.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Refills } from '../actors/checkout/buckets/refills.ts';
import { setAside } from '../actors/checkout/buckets/set-aside.ts';
import { homeOf, survey } from '../actors/checkout/buckets/survey.ts';
import type { Actors } from '../actors/clients.ts';
import { sale } from '../actors/flash-sale/kind.ts';
import {
  type OrderId,
  type Pincode,
  paise,
  type SaleId,
  type Sku,
  type UserId,
  type WarehouseId,
} from '../actors/ids.ts';
import { createActorHost } from '../actors/runtime/host.ts';
import { sku } from '../actors/sku/kind.ts';
import { findNatsServer } from '../brokers/launcher/servers/binaries.ts';
import { startNats } from '../brokers/launcher/servers/nats.ts';
import { createActors } from '../brokers/rpc/proxies.ts';
import { folders } from '../config/env.ts';
import { newId } from '../config/ids.ts';
import { reconcileStreams } from '../config/nats/reconcile.ts';
import { connectNats } from '../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../stores/nats/jetstream-event-log.ts';
import type { Bench, CaseResult, Row } from './case.ts';
import { median } from './shop/latencies.ts';

const IN_FLIGHT = 512;
const BUCKETS = [1, 4, 16];
const SYNC = ['2m', 'always'] as const;
const pincode = '110037' as Pincode;
const log = pino({ level: 'error' });

type Sold = { readonly perSecond: number; readonly p99Ms: number; readonly sold: number; readonly moves: number };

export async function flashSale({ quick, runs, say }: Bench): Promise<CaseResult> {
  const units = quick ? 20_000 : 100_000;
  const rows: Row[] = [['until sold out, held and sold', 'fsync', 'grants/s', 'p99 ms', 'sold', 'transfers']];
  const figures: Record<string, unknown> = {};
  for (const syncInterval of SYNC) {
    await withActors(syncInterval, say, async (actors) => {
      await sellOut(actors, 4, units / 10);
      for (const count of BUCKETS) {
        const results: Sold[] = [];
        for (let run = 0; run < runs; run++) results.push(await sellOut(actors, count, units));
        const middle = median(results.map(({ perSecond }) => perSecond));
        const result = results.find(({ perSecond }) => perSecond === middle);
        if (result === undefined) throw new Error('no runs');
        const { perSecond, p99Ms, sold, moves } = result;
        const sync = syncInterval === 'always' ? 'always' : 'as usual';
        rows.push([
          `${count} bucket${count === 1 ? '' : 's'}`,
          sync,
          Math.round(perSecond),
          p99Ms.toFixed(1),
          sold,
          moves,
        ]);
        figures[`${count}${syncInterval === 'always' ? 'Fsync' : ''}`] = { perSecond, p99Ms };
        say(`${count} buckets, fsync ${sync}: ${perSecond.toFixed(0)} grants/s`);
      }
    });
  }
  return { rows, figures };
}

/** Every customer takes one; as many come as there are units, and then some. */
async function sellOut(actors: Actors, count: number, units: number): Promise<Sold> {
  const id = newId('sal');
  const goods = `HOT-${id.slice(-12)}` as Sku;
  const warehouseId = 'wh_del' as WarehouseId;
  await actors.sku(goods).setStock({ warehouseId, pincode, onHand: units });
  const stock = { sku: goods, saleId: id as SaleId, count };
  const item = { sku: goods, price: paise(1), units, limitPerCustomer: 1, buckets: count };
  if ((await setAside(actors, id, item)) !== undefined) throw new Error('the units could not be set aside');
  const before = (await survey(actors, stock)).moves;
  const refills = new Refills(actors, Date.now);
  const latencies: number[] = [];
  let granted = 0;
  let soldOut = false;
  const began = performance.now();

  const one = async (): Promise<void> => {
    const customer = newId('usr') as UserId;
    const ledger = homeOf(stock, customer);
    const order = { orderId: newId('ord') as OrderId, quantity: 1, pincode, customer };
    const sent = performance.now();
    for (;;) {
      const held = await actors.sku(ledger).reserve({ ...order, expiresAt: Date.now() + 600_000 });
      if (held.ok) break;
      if (!(await refills.refill(ledger, 1)).found) {
        soldOut = true;
        return;
      }
    }
    await actors.sku(ledger).commit(order);
    granted++;
    if (granted % 16 === 0) latencies.push(performance.now() - sent);
  };
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (!soldOut) await one();
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  const { sold, available, moves } = await survey(actors, stock);
  if (sold !== units || granted !== units || available !== 0)
    throw new Error(`sold ${sold} of ${units}, ${granted} times`);
  const sorted = latencies.toSorted((a, b) => a - b);
  const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  return { perSecond: units / seconds, p99Ms, sold, moves: (moves - before) / 2 };
}

async function withActors(
  syncInterval: string,
  say: (text: string) => void,
  work: (actors: Actors) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'haat-bench-'));
  const { binary } = await findNatsServer(folders(), say);
  const server = await startNats({ binary, dir, syncInterval });
  const nc = await connectNats(server.url, { name: 'bench', log });
  const events = createJetStreamEventLog(nc);
  try {
    await reconcileStreams(nc, { replicas: 1, log });
    const host = createActorHost({ log: events, kinds: [sku, sale], owns: () => true, logger: log });
    const nodeId = 'bench';
    const nobody = async (): Promise<never> => Promise.reject(new Error('there is no other node'));
    await work(createActors({ cluster: { nodeId, call: nobody }, placement: { ownerOf: () => nodeId }, host }));
    await host.stop(5_000);
  } finally {
    await events.close();
    await nc.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
