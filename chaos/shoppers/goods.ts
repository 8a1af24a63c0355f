/**
 * What is on sale in one run, and nowhere else: one SKU that too many want, some of which there is plenty, and one in a
 * flash sale that is over before the shopping is.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { signIn } from '../../bench/demo/stage.ts';
import type { HttpClient, Request } from '../../bench/shop/http.ts';
import { UnexpectedAnswer } from '../../bench/shop/shopper.ts';

export type Goods = {
  readonly scarce: string;
  readonly plenty: readonly string[];
  /** In a flash sale; a few units of it are not. */
  readonly bargain: string;
  /** That there were of each in the beginning. */
  readonly units: Readonly<Record<string, number>>;
};
export type Staff = { readonly seller: string; readonly ops: string };

const PATIENCE_MS = 30_000;
const PLENTY = 500;
/** Fewer than the hunters may have together, and more than any bucket has. */
const IN_SALE = 5;
const LIMIT = 2;
const BUCKETS = 2;
/** With its stock in the usual ledger still. */
const BESIDES = 1;

export const staffOf = async (api: HttpClient): Promise<Staff> => ({
  seller: await signIn(api, 'seller'),
  ops: await signIn(api, 'ops'),
});

/** `run` names the SKUs; `units` of the scarce one, in two warehouses. */
export async function putOnSale(api: HttpClient, { seller, ops }: Staff, run: string, units: number): Promise<Goods> {
  const scarce = `${run}-SCARCE`;
  const plenty = [`${run}-A`, `${run}-B`];
  const bargain = `${run}-SALE`;
  const variant = (sku: string, n: number) => ({
    sku,
    attributes: { n: `${n}` },
    mrp: 99_900,
    price: 49_900 + n * 100,
  });
  await expectStatus(api, 201, {
    method: 'POST',
    path: '/api/products',
    token: seller,
    headers: { 'idempotency-key': randomUUID() },
    body: {
      name: `Goods of ${run}`,
      description: 'On sale while things break.',
      brand: 'Haat',
      category: ['Electronics', 'Mobiles'],
      attributes: {},
      images: [],
      variants: [scarce, ...plenty, bargain].map(variant),
      status: 'active',
    },
  });
  const half = Math.ceil(units / 2);
  const stock: readonly (readonly [string, string, number])[] = [
    [scarce, 'wh_del', half],
    [scarce, 'wh_blr', units - half],
    ...plenty.map((sku) => [sku, 'wh_bom', PLENTY] as const),
    [bargain, 'wh_del', IN_SALE + BESIDES],
  ];
  await Promise.all(
    stock.map(([sku, warehouse, onHand]) =>
      expectStatus(api, 200, {
        method: 'PUT',
        path: `/api/inventory/${sku}/${warehouse}`,
        token: ops,
        body: { onHand },
      }),
    ),
  );
  const all = [[scarce, units], ...plenty.map((sku) => [sku, PLENTY]), [bargain, IN_SALE + BESIDES]];
  return { scarce, plenty, bargain, units: Object.fromEntries(all) };
}

/** Until the gateways know them: the outbox has told everybody. */
export async function untilKnown(api: HttpClient, token: string, { scarce, plenty, bargain }: Goods): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (const sku of [scarce, bargain, ...plenty]) {
    for (;;) {
      const add: Request = { method: 'POST', path: '/api/cart/items', token, body: { sku, quantity: 1 } };
      const { status } = await api.patiently(add, PATIENCE_MS);
      if (status === 200) break;
      if (performance.now() > end) throw new Error(`${sku} is not on sale after ${PATIENCE_MS} ms`);
      await pause(50);
    }
    // Of these the first comer needs none.
    if (plenty.includes(sku)) continue;
    await api.patiently({ method: 'DELETE', path: `/api/cart/items/${sku}`, token }, PATIENCE_MS);
  }
}

/** Its units are set aside when it resolves, or about to be. */
export async function openSale(api: HttpClient, { ops }: Staff, { bargain }: Goods, lastsMs: number): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const request: Request = {
      method: 'POST',
      path: '/api/sales',
      token: ops,
      headers: { 'idempotency-key': randomUUID() },
      body: {
        title: `Sale of ${bargain}`,
        endsAt: new Date(Date.now() + lastsMs).toISOString(),
        items: [{ sku: bargain, price: 9_900, units: IN_SALE, limitPerCustomer: LIMIT, buckets: BUCKETS }],
      },
    };
    const answer = await api.patiently(request, PATIENCE_MS);
    if (answer.status === 201 || answer.status === 202) return;
    // Another gateway than the one that was asked before may not know the SKU yet.
    if (answer.body?.code !== 'invalid-request' || performance.now() > end) throw new UnexpectedAnswer(request, answer);
    await pause(50);
  }
}

async function expectStatus(api: HttpClient, status: number, request: Request): Promise<void> {
  const answer = await api.patiently(request, PATIENCE_MS);
  if (answer.status !== status) throw new UnexpectedAnswer(request, answer);
}
