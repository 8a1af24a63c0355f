/** Sets the demo up through the API, as a seller and an ops person would: what is on sale, and the SKU that all want. */
import { randomUUID } from 'node:crypto';
import type { HttpClient, Request } from '../shop/http.ts';
import { UnexpectedAnswer } from '../shop/shopper.ts';
import type { OnSale } from './sale.ts';

const PASSWORD = 'demo-password';
const PATIENCE_MS = 20_000;

export async function expect(api: HttpClient, request: Request, status: number) {
  const answer = await api.patiently(request, PATIENCE_MS);
  if (answer.status !== status) throw new UnexpectedAnswer(request, answer);
  return answer.body;
}

export async function signIn(api: HttpClient, role: 'seller' | 'ops'): Promise<string> {
  const body = { email: `${role}@haat.example`, password: PASSWORD };
  return (await expect(api, { method: 'POST', path: '/api/users/login', body }, 200)).accessToken;
}

/** Up to `most` SKUs that are in stock. A system that has just started has yet to read its own stock: it is waited for. */
export async function goodsOnSale(api: HttpClient, most: number): Promise<readonly OnSale[]> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const goods = await goodsNow(api, most);
    if (goods.length > 0) return goods;
    if (Date.now() > end) throw new Error('nothing in the catalogue is in stock: npm run reset, or import a catalogue');
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The cheapest variant of each product. */
async function goodsNow(api: HttpClient, most: number): Promise<readonly OnSale[]> {
  const goods: OnSale[] = [];
  let cursor: string | null = '';
  while (cursor !== null && goods.length < most) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: {
      data: { id: string; sku: string | null; availability: string }[];
      nextCursor: string | null;
    } = await expect(api, { method: 'GET', path: `/api/products?limit=100${more}` }, 200);
    for (const { id, sku, availability } of page.data)
      if (availability === 'in-stock' && sku !== null) goods.push({ productId: id, sku });
    cursor = page.nextCursor;
  }
  return goods;
}

/** A new product with exactly `units` in stock, in two warehouses. */
export async function hotSku(api: HttpClient, run: string, units: number): Promise<OnSale> {
  const seller = await signIn(api, 'seller');
  const ops = await signIn(api, 'ops');
  const sku = `DEMO-HOT-${run}`;
  const product = await expect(
    api,
    {
      method: 'POST',
      path: '/api/products',
      token: seller,
      headers: { 'idempotency-key': randomUUID() },
      body: {
        name: 'Sale phone, 128 GB',
        description: 'What everybody wants at the stroke of twelve.',
        brand: 'Haat',
        category: ['Electronics', 'Mobiles'],
        attributes: {},
        images: [],
        variants: [{ sku, attributes: { colour: 'black' }, mrp: 1_999_900, price: 999_900 }],
        status: 'active',
      },
    },
    201,
  );
  const first = Math.ceil(units * 0.6);
  for (const [warehouse, onHand] of [
    ['wh_del', first],
    ['wh_blr', units - first],
  ] as const) {
    await expect(
      api,
      { method: 'PUT', path: `/api/inventory/${sku}/${warehouse}`, token: ops, body: { onHand, reorderPoint: 10 } },
      200,
    );
  }
  return { productId: product.id, sku };
}

/** Until it can be put into a cart: the outbox has told everybody of it. */
export async function untilOnSale(tryToAdd: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await tryToAdd();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
