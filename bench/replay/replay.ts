/** From streams to what is served: projections rebuilt, and a whole system started on many actors. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../config/env.ts';
import { createJetStreamEventLog } from '../../stores/nats/jetstream-event-log.ts';
import type { RunCase } from '../case.ts';
import { newTimings } from '../orders/buyer.ts';
import { openShop } from '../orders/open-shop.ts';
import { readHistory } from '../seed/histories.ts';
import { cells, figure, spreadOf } from '../suite/spread.ts';
import { measureColdStart } from './cold-start.ts';
import { type Bought, measureRebuilding } from './rebuilding.ts';

const DATA_DIR = '.haat-bench/replay';

export const replay: RunCase = async (bench) => {
  const folder = join(ROOT, DATA_DIR);
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  clear();
  const { bought, cart } = await oneOrder(bench.say);
  clear();
  const rebuilt = await measureRebuilding(bench, join(folder, 'rebuild'), bought);
  clear();
  const cold = await measureColdStart(bench, DATA_DIR, folder, cart);
  clear();
  const names = [...new Set(rebuilt.map(({ projection }) => projection))];
  const byName = names.map((name) => {
    const runs = rebuilt.filter(({ projection }) => projection === name);
    const median = (pick: (run: (typeof runs)[number]) => number): number => spreadOf(runs.map(pick)).median;
    return {
      name,
      events: runs[0]?.events ?? 0,
      rate: spreadOf(runs.map(({ eventsPerSecond }) => eventsPerSecond)),
      clientMicros: median((run) => run.clientMicros),
      postgresMicros: median((run) => run.postgresMicros),
    };
  });
  const serving = spreadOf(cold.serving);
  return {
    rows: [
      ['replay', 'events/s', 'runs', 'events', 'µs: rebuild', 'PostgreSQL'],
      ...byName.map(({ name, events, rate, clientMicros, postgresMicros }) => [
        `  rebuild ${name}`,
        ...cells(rate),
        figure(events),
        figure(clientMicros, 1),
        figure(postgresMicros, 1),
      ]),
      ['cold start', 'seconds', 'runs'],
      [`  until an order could be placed, ${figure(cold.actors)} actors on disk`, ...cells(serving, 1)],
      ['  the same on an empty disk', figure(cold.emptySeconds, 1), ''],
      ['  nats-server alone', figure(cold.natsSeconds, 1), ''],
      ['  first read of an actor then', `${figure(cold.firstReadMs, 1)} ms`, ''],
    ],
    figures: {
      eventsPerSecond: byName[0]?.rate.median ?? 0,
      byProjection: Object.fromEntries(byName.map(({ name, rate }) => [name, rate.median])),
      coldStart: { ...cold, seconds: serving.median },
    },
  };
};

/** A real one, as the system writes it. */
async function oneOrder(say: (text: string) => void): Promise<{ bought: Bought; cart: Bought['order'] }> {
  const shop = await openShop({ dataDir: DATA_DIR, customers: 1 }, say);
  const log = createJetStreamEventLog(shop.nc);
  try {
    const [buyer] = shop.buyers;
    const [shopper] = shop.shoppers;
    if (buyer === undefined || shopper === undefined) throw new Error('nobody is there to buy');
    const orderId = await buyer.buy(shop.skus, shop.confirmations, newTimings());
    await shop.confirmations.inPostgres(shop.database);
    const { rows } = await shop.database.query<{ payment_id: string }>('select payment_id from orders where id = $1', [
      orderId,
    ]);
    const paymentId = rows[0]?.payment_id ?? '';
    const [order, payment] = await Promise.all([
      readHistory(log, 'order', orderId),
      readHistory(log, 'payment', paymentId),
    ]);
    // Filled, emptied by the order, and filled again: a cart in the middle of its life.
    await buyer.add(shop.skus[0] ?? '', newTimings());
    const { kind, id, commits, events } = await readHistory(log, 'cart', shopper.userId);
    const last = commits.at(-1);
    if (last === undefined) throw new Error('the cart has no history');
    return { bought: { order, payment }, cart: { kind, id, events, commits: [{ ...last, snapshot: undefined }] } };
  } finally {
    await log.close();
    await shop.close();
  }
}
