/** What is on sale in one run, and nowhere else: one SKU that too many want, and some of which there is plenty. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { signIn } from '../../bench/demo/stage.ts';
import type { HttpClient, Request } from '../../bench/shop/http.ts';
import { UnexpectedAnswer } from '../../bench/shop/shopper.ts';

export type Goods = { readonly scarce: string; readonly plenty: readonly string[]; readonly units: number };
export type Staff = { readonly seller: string; readonly ops: string };

const PATIENCE_MS = 30_000;
const PLENTY = 500;

export const staffOf = async (api: HttpClient): Promise<Staff> => ({
  seller: await signIn(api, 'seller'),
  ops: await signIn(api, 'ops'),
});

/** `run` names the SKUs; `units` of the scarce one, in two warehouses. */
export async function putOnSale(api: HttpClient, { seller, ops }: Staff, run: string, units: number): Promise<Goods> {
  const scarce = `${run}-SCARCE`;
  const plenty = [`${run}-A`, `${run}-B`];
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
      variants: [scarce, ...plenty].map(variant),
      status: 'active',
    },
  });
  const half = Math.ceil(units / 2);
  const stock: readonly (readonly [string, string, number])[] = [
    [scarce, 'wh_del', half],
    [scarce, 'wh_blr', units - half],
    ...plenty.map((sku) => [sku, 'wh_bom', PLENTY] as const),
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
  return { scarce, plenty, units };
}

/** Until the gateways know them: the outbox has told everybody. */
export async function untilKnown(api: HttpClient, token: string, { scarce, plenty }: Goods): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (const sku of [scarce, ...plenty]) {
    for (;;) {
      const add: Request = { method: 'POST', path: '/api/cart/items', token, body: { sku, quantity: 1 } };
      const { status } = await api.patiently(add, PATIENCE_MS);
      if (status === 200) break;
      if (performance.now() > end) throw new Error(`${sku} is not on sale after ${PATIENCE_MS} ms`);
      await pause(50);
    }
  }
}

async function expectStatus(api: HttpClient, status: number, request: Request): Promise<void> {
  const answer = await api.patiently(request, PATIENCE_MS);
  if (answer.status !== status) throw new UnexpectedAnswer(request, answer);
}
