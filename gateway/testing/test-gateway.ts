/** A whole gateway for tests: accounts, catalogue and keys in real servers, actors and offers in memory. */
import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { type Logger, pino } from 'pino';
import type { GatewayOrder, PaymentGateway } from '../../actors/checkout/ports.ts';
import { GatewayError } from '../../actors/checkout/ports.ts';
import type { Paise, PaymentId, Pincode, SellerId, Sku, WarehouseId } from '../../actors/ids.ts';
import { MemoryLog } from '../../actors/runtime/testing/memory-log.ts';
import { freshDatabase } from '../../brokers/launcher/test-servers.ts';
import { createAccounts } from '../../stores/accounts/accounts.ts';
import type { Role } from '../../stores/accounts/port.ts';
import { createCatalogue } from '../../stores/catalogue/catalogue.ts';
import type { Availability, OfferDocument } from '../../stores/catalogue/port.ts';
import { createIdempotencyStore } from '../../stores/kv/idempotency.ts';
import { migrate } from '../../stores/postgres/migrate.ts';
import { createPool } from '../../stores/postgres/pool.ts';
import type { GatewayDeps, GatewaySettings } from '../deps.ts';
import { buildGateway } from '../gateway.ts';
import { LiveSales } from '../sales/live-sales.ts';
import { type LiveActors, liveActors } from './live-actors.ts';

export const JWT_SECRET = 'a secret of the tests, long enough';
export const WEBHOOK_SECRET = 'webhook secret of the tests';

export type Person = { readonly id: string; readonly token: string; readonly refreshToken: string };

export type TestGateway = AsyncDisposable & {
  readonly app: FastifyInstance;
  readonly live: LiveActors;
  readonly sales: LiveSales;
  readonly logged: readonly Record<string, unknown>[];
  readonly send: (options: InjectOptions & { as?: Person; key?: string }) => Promise<LightMyRequestResponse>;
  readonly person: (role?: Role) => Promise<Person>;
  /** A SKU on sale with this many in stock. */
  readonly sell: (units: number, offer?: Partial<OfferDocument>) => Promise<Sku>;
  readonly stopSelling: (sku: Sku) => void;
  readonly address: (person: Person) => Promise<string>;
  readonly buy: (person: Person, sku: Sku, quantity?: number) => Promise<{ addressId: string }>;
};

const SELLER = 'sel_shop' as SellerId;
const WAREHOUSE = 'wh_blr' as WarehouseId;

/** Speaks like Razorpay as far as the gateway can see: signed JSON. */
function testPayments(): PaymentGateway {
  const sign = (body: Buffer) => createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex');
  return {
    name: 'razorpay',
    methods: ['upi', 'card'],
    settles: 'prepaid',
    open: async ({ paymentId }): Promise<GatewayOrder> => ({
      gatewayOrderId: `order_${paymentId}`,
      paymentUrl: `http://gateway.example/pay/order_${paymentId}`,
    }),
    refund: async ({ refundId }) => ({ gatewayRefundId: `rf_${refundId}`, status: 'processed' }),
    async readWebhook(rawBody, headers) {
      if (headers['x-razorpay-signature'] !== sign(rawBody)) return undefined;
      const text = rawBody.toString();
      if (!text.startsWith('{')) throw new GatewayError('invalid-answer', 'not JSON');
      const { paymentId, amount } = JSON.parse(text) as { paymentId: PaymentId; amount: Paise };
      return { type: 'captured', paymentId, amount, gatewayPaymentId: `gp_${paymentId}`, gatewayAt: Date.now() };
    },
  };
}
const cash: PaymentGateway = {
  ...testPayments(),
  name: 'cod',
  methods: ['cod'],
  settles: 'on-delivery',
  readWebhook: async () => undefined,
};

export type TestOptions = {
  readonly settings?: Partial<GatewaySettings>;
  readonly deps?: Partial<GatewayDeps>;
};

export async function testGateway({ settings, deps }: TestOptions = {}): Promise<TestGateway> {
  const logged: Record<string, unknown>[] = [];
  const log: Logger = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const database = await freshDatabase();
  await migrate(database.url, pino({ level: 'silent' }));
  const pool = createPool({ databaseUrl: database.url, applicationName: 'gateway-test', log });
  const accounts = createAccounts({ pool });
  const gateways = [testPayments(), cash];
  const sales = new LiveSales();
  const live: LiveActors = liveActors(gateways, async (id) => {
    const { view, version } = await live.actors.sale.read(id);
    sales.take(id, view, version);
  });
  const onSale = new Map<Sku, OfferDocument>();

  const app = await buildGateway({
    actors: live.actors,
    accounts,
    addressBook: {
      home: async (userId) => (await accounts.addresses(userId)).find(({ isDefault }) => isDefault),
      find: async (userId, addressId) => (await accounts.addresses(userId)).find(({ id }) => id === addressId),
    },
    catalogue: {
      ...createCatalogue({ pool }),
      availability: async (skus) => {
        const views = await Promise.all(skus.map((sku) => live.actors.sku.read(sku)));
        const state = (units = 0): Availability => (units > 0 ? 'in-stock' : 'out-of-stock');
        return new Map(skus.map((sku, index) => [sku, state(views[index]?.view.available)]));
      },
    },
    offers: { find: async (sku) => onSale.get(sku) },
    sales,
    orders: { ofUser: async () => ({ data: [], nextCursor: null }) },
    ledger: { of: async () => ({ data: [], nextCursor: null }) },
    idempotency: createIdempotencyStore({ log: new MemoryLog().connect(), clock: Date.now }),
    gateways,
    readiness: {
      actors: { needed: true, check: async () => void (await live.actors.sku.read('HEALTH' as Sku)) },
      postgres: { needed: false, check: async () => void (await pool.query('select 1')) },
    },
    settings: {
      jwtSecret: JWT_SECRET,
      reservationSeconds: 600,
      rateLimitFactor: 1_000,
      production: false,
      ...settings,
    },
    log,
    ...deps,
  });

  const send: TestGateway['send'] = ({ as, key, ...options }) =>
    app.inject({
      ...options,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as.token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...options.headers,
      },
    });

  let people = 0;
  const person = async (role: Role = 'customer'): Promise<Person> => {
    people += 1;
    const who = `${randomBytes(4).toString('hex')}${people}`;
    const body = {
      email: `${who}@example.in`,
      phone: `+919${randomDigits(9)}`,
      password: 'a good password',
      firstName: 'Asha',
      lastName: 'Rao',
    };
    const made = await send({ method: 'POST', url: '/api/users/register', payload: body });
    if (made.statusCode !== 201) throw new Error(made.body);
    if (role !== 'customer') {
      const seller = role === 'seller' ? SELLER : null;
      await pool.query('update users set role = $2, seller_id = $3 where id = $1', [made.json().user.id, role, seller]);
    }
    const login = await send({
      method: 'POST',
      url: '/api/users/login',
      payload: { email: body.email, password: body.password },
    });
    const { user, accessToken, refreshToken } = login.json();
    return { id: user.id, token: accessToken, refreshToken };
  };

  const address: TestGateway['address'] = async (who) => {
    const payload = {
      line1: '14 MG Road',
      city: 'Bengaluru',
      state: 'Karnataka',
      pincode: '560001',
      type: 'home',
      isDefault: true,
      name: 'Asha Rao',
      phone: '+919876543210',
    };
    return (await send({ method: 'POST', url: '/api/users/me/addresses', payload, as: who })).json().id;
  };

  return {
    app,
    live,
    sales,
    logged,
    send,
    person,
    address,
    async sell(units, offer = {}) {
      const sku = `SKU-${randomBytes(6).toString('hex')}` as Sku;
      onSale.set(sku, {
        sku,
        productId: 'prd_1' as OfferDocument['productId'],
        sellerId: SELLER,
        name: 'Assam tea',
        unitPrice: 199_00 as Paise,
        mrp: 249_00 as Paise,
        status: 'active',
        version: 1,
        ...offer,
      });
      const stock = { warehouseId: WAREHOUSE, pincode: '560048' as Pincode, onHand: units };
      await live.actors.sku(sku).setStock(stock);
      return sku;
    },
    stopSelling: (sku) => void onSale.delete(sku),
    async buy(who, sku, quantity = 1) {
      const added = await send({ method: 'POST', url: '/api/cart/items', payload: { sku, quantity }, as: who });
      if (added.statusCode !== 200) throw new Error(added.body);
      return { addressId: await address(who) };
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await pool.end();
      await database[Symbol.asyncDispose]();
    },
  };
}

const randomDigits = (count: number): string => Array.from(randomBytes(count), (byte) => String(byte % 10)).join('');
