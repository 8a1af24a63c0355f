import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sku, UserId } from '../../actors/ids.ts';
import type { SkuState } from '../../actors/sku/sku.ts';
import { readActor } from '../../brokers/inspect/actor-record.ts';
import { KINDS } from '../../brokers/roles/kinds.ts';
import { subjects } from '../../config/subjects.ts';
import { InvalidCursor } from '../cursor.ts';
import { createOrderHistory } from './order-history.ts';
import { orders } from './orders.ts';
import type { LedgerEntry, OrderSummary } from './port.ts';
import { startProjections } from './projections.ts';
import { createStockLedger } from './stock-ledger.ts';
import { caughtUp, freshStand, log, type Stand, shopping } from './testing/stand.ts';
import { userOf } from './testing/traffic.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await freshStand();
  const projections = startProjections({ nc: stand.nc, pool: stand.pool, log });
  await shopping(stand.traffic, 40);
  await caughtUp(projections);
  await projections.stop();
});
afterAll(() => stand[Symbol.asyncDispose]());

async function allPages<T>(
  read: (cursor: { cursor?: string }) => Promise<{ readonly data: readonly T[]; readonly nextCursor: string | null }>,
): Promise<readonly (readonly T[])[]> {
  const pages: (readonly T[])[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: { readonly data: readonly T[]; readonly nextCursor: string | null } = await read(
      cursor === '' ? {} : { cursor },
    );
    pages.push(page.data);
    cursor = page.nextCursor;
  }
  return pages;
}

test('a customer’s history: own orders only, newest first, page by page, each once', async () => {
  const history = createOrderHistory(stand.pool);
  const userId = userOf(1);
  const pages = await allPages<OrderSummary>((cursor) => history.ofUser(userId, {}, { limit: 5, ...cursor }));
  const mine = stand.traffic.orders.filter((_, n) => userOf(n + 1) === userId);
  expect(pages.map(({ length }) => length)).toEqual([5, 5, mine.length - 10]);
  const shown = pages.flat();
  expect(shown.map(({ id }) => id).sort()).toEqual(mine.toSorted());
  const times = shown.map(({ createdAt }) => createdAt);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  const [newest] = shown;
  if (newest === undefined) throw new Error('no orders');
  const { view, version } = await stand.traffic.order(newest.id);
  if (view.status === 'NONE') throw new Error('no order');
  expect(newest).toEqual({
    id: newest.id,
    status: view.status,
    total: view.totals.total,
    itemCount: view.lines.reduce((units, { quantity }) => units + quantity, 0),
    items: view.lines.map(({ sku, name, quantity, unitPrice, status }) => ({ sku, name, quantity, unitPrice, status })),
    createdAt: view.createdAt,
    updatedAt: view.updatedAt,
    version,
  });
});

test('a history by status, an empty one, and a cursor of another list', async () => {
  const history = createOrderHistory(stand.pool);
  const { data } = await history.ofUser(userOf(2), { status: 'CANCELLED' }, { limit: 100 });
  expect(new Set(data.map(({ status }) => status))).toEqual(new Set(['CANCELLED']));
  const nobody = await history.ofUser('usr_nobody' as UserId, {}, { limit: 5 });
  expect(nobody).toEqual({ data: [], nextCursor: null });
  await expect(history.ofUser(userOf(2), {}, { limit: 5, cursor: 'nonsense' })).rejects.toBeInstanceOf(InvalidCursor);
});

const onHand = new Set(['StockSet', 'StockAdjusted', 'StockCommitted', 'StockRestocked']);

test('the ledger: every movement once, newest first, whatever the page; it adds up to what is on hand', async () => {
  const ledger = createStockLedger(stand.eventLog);
  const sku = 'CUP' as Sku;
  const [whole = []] = await allPages<LedgerEntry>((cursor) => ledger.of(sku, { limit: 10_000, ...cursor }));
  for (const limit of [1, 7]) {
    const pages = await allPages<LedgerEntry>((cursor) => ledger.of(sku, { limit, ...cursor }));
    expect(pages.flat()).toEqual(whole);
    expect(Math.max(...pages.map(({ length }) => length))).toBe(limit);
  }
  const versions = whole.map(({ version }) => version);
  expect(versions).toEqual(versions.toSorted((a, b) => b - a));
  const { view } = await stand.traffic.sku(sku);
  for (const { warehouseId, onHand: there } of view.warehouses) {
    const moved = whole.filter((entry) => entry.warehouseId === warehouseId && onHand.has(entry.type));
    expect(moved.reduce((units, { quantity }) => units + quantity, 0)).toBe(there);
  }
  expect((await ledger.of('NEVER-SEEN' as Sku, { limit: 5 })).data).toEqual([]);
});

test('a SKU that seldom moves is found far back in the stream', async () => {
  const ledger = createStockLedger(stand.eventLog);
  const { traffic } = stand;
  const stock = { warehouseId: 'wh_del', pincode: '110037' };
  await traffic.command('sku', 'RARE', 'setStock', { ...stock, onHand: 1 });
  for (let n = 0; n < 3_000; n += 100) {
    await Promise.all(
      Array.from({ length: 100 }, (_, k) =>
        traffic.command('sku', `OTHER-${k}`, 'setStock', { ...stock, onHand: n + 1 }),
      ),
    );
  }
  await traffic.command('sku', 'RARE', 'setStock', { ...stock, onHand: 3 });
  const pages = await allPages<LedgerEntry>((cursor) => ledger.of('RARE' as Sku, { limit: 1, ...cursor }));
  expect(pages.flat().map(({ quantity }) => quantity)).toEqual([2, 1]);
});

test('inspect: the history folds to what the actor itself says', async () => {
  for (const id of stand.traffic.orders.slice(0, 6)) {
    const record = await readActor(stand.eventLog, KINDS.order, id, Date.now());
    const { view, version } = await stand.traffic.order(id);
    expect(record).toMatchObject({ view, version, stream: 'ORDER' });
    if (record?.snapshot?.version === version)
      expect(record).toMatchObject({ loadReads: 1, snapshot: { usable: true } });
    else expect(record?.loadReads).toBeLessThanOrEqual(1 + (record?.commits ?? 0));
    expect(record?.timeline.map((entry) => entry.version)).toEqual(Array.from({ length: version }, (_, n) => n + 1));
  }
  const cup = await readActor(stand.eventLog, KINDS.sku, 'CUP', Date.now());
  const { view } = await stand.traffic.sku('CUP');
  const state = cup?.state as SkuState;
  expect(state.sold - state.restocked).toBe(view.sold);
  expect(await readActor(stand.eventLog, KINDS.order, 'ord_never', Date.now())).toBeUndefined();
});

test('a commit without entries, put where a lost append may have been, changes no row and is no poison', async () => {
  const [id] = stand.traffic.orders;
  if (id === undefined) throw new Error('no orders');
  const { version } = await stand.traffic.order(id);
  const fence = { f: 1, from: version + 1, entries: [] };
  const data = Buffer.from(JSON.stringify(fence));
  const commit = {
    subject: subjects.actor('order', id),
    sequence: Number.MAX_SAFE_INTEGER,
    data,
    header: () => undefined,
  };
  for (const trustSnapshots of [true, false]) {
    const read = orders.reader({ eventLog: stand.eventLog, trustSnapshots });
    expect(await read(commit)).toEqual([]);
  }
});
