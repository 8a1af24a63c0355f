/** A whole shop with its gateways' simulators, and customers who pay in every way: on the pages, as a browser would. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { OrderId, PaymentId } from '../../actors/ids.ts';
import { expect as asks, hotSku, signIn, untilOnSale } from '../../bench/demo/stage.ts';
import { addToCart, register, type Shopper } from '../../bench/shop/shopper.ts';
import { eventually } from '../../brokers/launcher/test-servers.ts';
import { ACTOR_NODE, startSystem } from '../system.ts';

export type Method = 'upi' | 'card' | 'netbanking' | 'paylater' | 'cod';
type Outcome = 'success' | 'failure';

/** As the API answers; what of it the tests read. */
const orderDocument = z.object({
  id: z.string().transform((id) => id as OrderId),
  status: z.string(),
  totals: z.object({ total: z.int() }),
  refunded: z.int(),
  payment: z.object({
    id: z.string().transform((id) => id as PaymentId),
    method: z.string(),
    gateway: z.string(),
    status: z.string(),
    gatewayOrderId: z.string().nullable(),
    paymentUrl: z.string().nullable(),
  }),
  otherPayments: z.array(z.object({ id: z.string(), method: z.string(), gateway: z.string() })),
});
export type Order = z.infer<typeof orderDocument>;
export type Customer = { readonly shopper: Shopper; readonly skus: readonly string[] };

const backAtShop = z.object({ url: z.url(), fields: z.record(z.string(), z.string()) });
const held = z.object({ captured: z.int(), refunded: z.int() });
const ledgers = {
  razorpay: z.object({ orders: z.array(held.extend({ receipt: z.string().nullable() })) }),
  payu: z.object({ transactions: z.array(held.extend({ txnid: z.string() })) }),
  'pay-later': z.object({ transactions: z.array(held.extend({ orderId: z.string(), status: z.string() })) }),
};
const PART = { razorpay: '', payu: '/payu', 'pay-later': '/pay-later' } as const;
type Gateway = keyof typeof PART;
const PATIENCE_MS = 20_000;

export type Counter = Awaited<ReturnType<typeof openCounter>>;

export async function openCounter({ reservationSeconds = 600 }: { readonly reservationSeconds?: number } = {}) {
  const system = await startSystem({ reservationSeconds });
  // What is shed on a busy machine is not what is asked here.
  await system.start([...ACTOR_NODE, 'relay', 'simulator', 'gateway'], { shedding: false });
  const shop = await system.enter();
  const { actors } = await system.join();
  const skus = [await hotSku(shop.api, 'one', 100), await hotSku(shop.api, 'two', 100)].map(({ sku }) => sku);
  const ops = await signIn(shop.api, 'ops');
  const { simulatorUrl } = system.env;
  let people = 0;

  const json = (body: object): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const form = (fields: Readonly<Record<string, string>>): RequestInit => ({
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });
  const ask = async (who: Customer | undefined, method: string, path: string, body?: object) => {
    const token = who?.shopper.token ?? ops;
    const headers = { 'idempotency-key': randomUUID() };
    return shop.api.ask({ method, path, token, headers, ...(body === undefined ? {} : { body }) });
  };

  /** The form on our page, as a browser would send it. */
  async function pageOfPayu(url: string): Promise<Readonly<Record<string, string>>> {
    const answer = await fetch(url);
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${text}`);
    if (answer.headers.get('content-security-policy')?.includes(`form-action ${simulatorUrl}`) !== true)
      throw new Error('the page may not send its form');
    const inputs = text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g);
    return Object.fromEntries([...inputs].map(([, name, value]) => [name, value]));
  }

  return {
    system,
    actors,
    skus,
    pageOfPayu,
    ask,
    async customer(): Promise<Customer> {
      people += 1;
      return { shopper: await register(shop, `${reservationSeconds}`, people), skus };
    },
    async order(who: Customer, method: Method, wanted: readonly string[] = skus.slice(0, 1)): Promise<Order> {
      for (const sku of wanted) await untilOnSale(() => addToCart(shop, who.shopper, sku, 1));
      const body = { addressId: who.shopper.addressId, payment: { method } };
      const placed = await ask(who, 'POST', '/api/orders', body);
      if (placed.status !== 201) throw new Error(JSON.stringify(placed.body));
      return orderDocument.parse(placed.body);
    },
    async retry(who: Customer, { id }: Order, method: Method): Promise<Order> {
      const answer = await ask(who, 'POST', `/api/orders/${id}/payments`, { method });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return orderDocument.parse(answer.body);
    },
    /** At the page of the gateway. PayU's leads back to the shop, unless the browser is closed too early. */
    async pay({ payment }: Order, outcome: Outcome = 'success', browser: 'stays' | 'closes' = 'stays'): Promise<void> {
      const { gateway, paymentUrl, gatewayOrderId } = payment;
      if (paymentUrl === null) throw new Error('there is no page');
      if (gateway !== 'payu') {
        const answer = await fetch(paymentUrl, json({ outcome }));
        if (!answer.ok) throw new Error(await answer.text());
        return;
      }
      const there = await fetch(`${simulatorUrl}/_payment`, form(await pageOfPayu(paymentUrl)));
      if (there.status !== 302) throw new Error(await there.text());
      const paid = await fetch(`${simulatorUrl}/payu/pay/${gatewayOrderId}`, json({ outcome }));
      const { url, fields } = backAtShop.parse(await paid.json());
      if (browser === 'closes') return;
      const back = await fetch(url, form(fields));
      if (back.status !== 303) throw new Error(`${back.status} ${await back.text()}`);
    },
    /** At the simulator's one address for scripts. */
    async payByScript({ payment: { gatewayOrderId } }: Order): Promise<void> {
      const answer = await fetch(`${simulatorUrl}/pay/${gatewayOrderId}`, json({ outcome: 'success' }));
      if (!answer.ok) throw new Error(await answer.text());
    },
    async trouble(gateway: Gateway, changes: object): Promise<void> {
      const answer = await fetch(`${simulatorUrl}${PART[gateway]}/simulator/settings`, json(changes));
      if (!answer.ok) throw new Error(await answer.text());
    },
    async fulfil({ id }: Order, ...statuses: readonly ('PROCESSING' | 'SHIPPED' | 'DELIVERED')[]): Promise<void> {
      for (const status of statuses)
        await asks(
          shop.api,
          { method: 'POST', path: `/api/orders/${id}/fulfilment`, token: ops, body: { status } },
          200,
        );
    },
    /** When it has this status, and whatever else is asked of it. */
    async until(who: Customer, { id }: Order, status: string, also: (order: Order) => boolean = () => true) {
      return eventually(
        async () => {
          const now = orderDocument.parse((await ask(who, 'GET', `/api/orders/${id}`)).body);
          return now.status === status && also(now) ? now : undefined;
        },
        { withinMs: PATIENCE_MS, what: `${id} is ${status}` },
      );
    },
    failures: (): readonly string[] => shop.api.failures,
    payment: async (id: PaymentId) => (await actors.payment.read(id)).view,
    /** All that the three hold of all payments, and the promises. */
    async tills() {
      const read = async <T extends z.ZodType>(gateway: Gateway, schema: T): Promise<z.infer<T>> =>
        schema.parse(await (await fetch(`${simulatorUrl}${PART[gateway]}/simulator/ledger`)).json());
      return {
        razorpay: (await read('razorpay', ledgers.razorpay)).orders,
        payu: (await read('payu', ledgers.payu)).transactions,
        'pay-later': (await read('pay-later', ledgers['pay-later'])).transactions,
      };
    },
    [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
  };
}
