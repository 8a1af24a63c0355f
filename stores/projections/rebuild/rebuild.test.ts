import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../brokers/launcher/test-servers.ts';
import { createPublisher } from '../../nats/publisher.ts';
import { StreamBehind } from '../live/stream-reader.ts';
import type { Projection } from '../projection.ts';
import { PROJECTIONS, startProjections } from '../projections.ts';
import { expectTablesLike, repeatedWrites, traceWrites } from '../testing/database.ts';
import { caughtUp, freshStand, log, type Stand, shopping } from '../testing/stand.ts';
import type { Difference } from './compare.ts';
import { RebuildRunning, rebuild } from './rebuild.ts';

let stand: Stand;
beforeEach(async () => {
  stand = await freshStand();
});
afterEach(() => stand[Symbol.asyncDispose]());

const again = (projection: Projection, check: boolean, differences: Difference[] = []) =>
  rebuild({
    projection,
    nc: stand.nc,
    databaseUrl: stand.databaseUrl,
    check,
    log,
    onDifference: (difference) => differences.push(difference),
  });

/** Traffic for as long as `work` takes. */
async function whileShopping(work: () => Promise<void>): Promise<void> {
  let working = true;
  const shopped = (async () => {
    while (working) await shopping(stand.traffic, 4);
  })();
  try {
    await work();
  } finally {
    working = false;
    await shopped;
  }
}

test('made anew, every table equals the live one, row for row, while orders come in', async () => {
  const { nc, pool, traffic } = stand;
  const projections = startProjections({ nc, pool, log });
  await shopping(traffic, 24);
  await caughtUp(projections);
  await whileShopping(async () => {
    for (const projection of PROJECTIONS) {
      const differences: Difference[] = [];
      const { rows, position } = await again(projection, true, differences);
      expect(differences).toEqual([]);
      expect(rows).toBeGreaterThan(20);
      expect(position).toBeGreaterThan(0);
    }
  });
  await projections.stop();
});

test('a row that is wrong, missing or too many in the live tables is found, and the swap puts it right', async () => {
  const { nc, pool, traffic } = stand;
  const projections = startProjections({ nc, pool, log });
  await shopping(traffic, 12);
  await caughtUp(projections);
  const [first, second] = traffic.orders;
  await pool.query('update orders set total = total + 1 where id = $1', [first]);
  await pool.query('delete from order_items where order_id = $1', [second]);
  await pool.query(
    `insert into order_items select 'ord_ghost', sku, position, product_id, seller_id, name, quantity,
    unit_price, status from order_items where order_id = $1`,
    [first],
  );
  const [orders] = PROJECTIONS;
  if (orders === undefined) throw new Error('no projections');
  const differences: Difference[] = [];
  expect((await again(orders, true, differences)).differences).toBe(5);
  const kinds = differences.map(({ live, rebuilt }) => [live === undefined, rebuilt === undefined].join());
  expect(kinds.sort()).toEqual(['false,false', 'false,true', 'false,true', 'true,false', 'true,false']);

  await again(orders, false);
  expect((await again(orders, true)).differences).toBe(0);
  await shopping(traffic, 8);
  await caughtUp(projections);
  await projections.stop();
  await expectTablesLike(pool, traffic);
});

test('swapped in while orders come in, again and again: the live projection goes on, none lost and none twice', async () => {
  const { nc, pool, traffic } = stand;
  await traceWrites(pool);
  const projections = startProjections({ nc, pool, log });
  await whileShopping(async () => {
    for (let round = 0; round < 4; round++) {
      for (const projection of PROJECTIONS) await again(projection, false);
      // The tables that were swapped in have no trace yet.
      await pool.query(`
        drop table writes; drop function trace_write() cascade`);
      await traceWrites(pool);
    }
  });
  await caughtUp(projections);
  for (const projection of PROJECTIONS) expect((await again(projection, true)).differences).toBe(0);
  await projections.stop();
  await expectTablesLike(pool, traffic);
  expect(await repeatedWrites(pool)).toEqual([]);
  const names = await pool.query(
    `select indexname from pg_indexes where schemaname = 'public' and indexname like '%1'`,
  );
  expect(names.rows).toEqual([]);
});

test('tables of a stream that was lost are not added to; made anew, they follow what there is', async () => {
  const { nc, pool, traffic } = stand;
  await shopping(traffic, 4);
  await pool.query(`insert into projection_positions (projection, sequence) values ('orders', 1000000)`);
  const complaints: unknown[] = [];
  const listening = { ...log, info() {}, warn: (said: { err?: unknown }) => void complaints.push(said.err) };
  const projections = startProjections({ nc, pool, log: Object.assign(Object.create(log), listening) });
  await eventually(() => complaints.some((error) => error instanceof StreamBehind));
  expect((await pool.query('select id from orders')).rows).toEqual([]);
  const [orders] = PROJECTIONS;
  if (orders === undefined) throw new Error('no projections');
  await again(orders, false);
  await shopping(traffic, 4);
  await caughtUp(projections);
  await projections.stop();
  await expectTablesLike(pool, traffic);
});

test('a commit that cannot be read is passed over and told; one rebuild at a time', async () => {
  const { nc, pool, traffic } = stand;
  await shopping(traffic, 4);
  const publisher = createPublisher(nc);
  await publisher.publish('order.7.ord_garbage', 'this is no commit');
  publisher.close();
  await shopping(traffic, 4);
  const [orders] = PROJECTIONS;
  if (orders === undefined) throw new Error('no projections');
  const [one, other] = await Promise.allSettled([again(orders, false), again(orders, false)]);
  const done = [one, other].flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = [one, other].flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(done[0]?.skipped).toMatchObject([{ subject: 'order.7.ord_garbage' }]);
  expect(failed[0]).toBeInstanceOf(RebuildRunning);
  expect((await pool.query('select count(*)::integer as n from orders')).rows).toEqual([{ n: 8 }]);
});
