/** Role `gateway`: the HTTP API, with all that it reads from. */
import { buildGateway } from '../../gateway/gateway.ts';
import { connectionsAllowed } from '../../gateway/http/connections.ts';
import { LivePromotions } from '../../gateway/promotions/live-promotions.ts';
import { LiveSales } from '../../gateway/sales/live-sales.ts';
import { createAccounts } from '../../stores/accounts/accounts.ts';
import { createAddressBook } from '../../stores/accounts/address-book.ts';
import { createCatalogue } from '../../stores/catalogue/catalogue.ts';
import { followCatalogue } from '../../stores/catalogue/changes.ts';
import { createOffers } from '../../stores/catalogue/offers.ts';
import { createPastOrders } from '../../stores/fraud/past-orders.ts';
import { createReviews } from '../../stores/fraud/reviews.ts';
import { createIdempotencyStore } from '../../stores/kv/idempotency.ts';
import { paymentGateways, payuPage } from '../../stores/payments/gateways.ts';
import { createPool, type Pool } from '../../stores/postgres/pool.ts';
import { createOrderHistory } from '../../stores/projections/order-history.ts';
import { createStockLedger } from '../../stores/projections/stock-ledger.ts';
import { createWalletStatement } from '../../stores/projections/wallet-statement.ts';
import { followPromotions } from '../../stores/promotions/promotions-feed.ts';
import { connectRedis } from '../../stores/redis/connection.ts';
import { followSales } from '../../stores/sales/sales-feed.ts';
import { databaseOf } from './database.ts';
import type { NodeParts } from './foundation.ts';
import { KINDS } from './kinds.ts';
import { metricsOfAllNodes } from './metrics.ts';

/** Connections that are not yet taken: a crowd comes in one second. The kernel's own bound (somaxconn) is 4,096. */
const BACKLOG = 4_096;

export async function startGateway(parts: NodeParts): Promise<void> {
  const { env, log, nodeId, nc, actors, eventLog, placement, onStop } = parts;
  const pool = createPool({ databaseUrl: databaseOf(env), applicationName: 'haat-gateway', log });
  onStop(() => pool.end());
  const redis = env.redisUrl === undefined ? undefined : connectRedis({ url: env.redisUrl, name: nodeId, log });
  onStop(() => redis?.disconnect());
  const offers = createOffers({ log, eventLog, nats: nc });
  onStop(() => offers.stop());
  const addressBook = createAddressBook({ log, eventLog, nats: nc, pool });
  onStop(() => addressBook.stop());

  const sales = new LiveSales();
  // Before the first request: an item of a sale must not be sold as if there were none.
  const feed = await followSales({ nc, eventLog, log, onSale: (...sale) => sales.take(...sale) });
  onStop(() => feed.stop());
  const promotions = new LivePromotions();
  const declared = await followPromotions({ nc, eventLog, log, onPromotion: (...of) => promotions.take(...of) });
  onStop(() => declared.stop());

  const payuCheckout = payuPage(env, log);
  const maxConnections = connectionsAllowed();
  const app = await buildGateway({
    metrics: parts.metrics.registry,
    metricsText: () => metricsOfAllNodes(parts.cluster, parts.metrics),
    actors,
    calls: () => parts.calls.take(),
    accounts: createAccounts({ pool, onAddressesChanged: addressBook.remember }),
    addressBook,
    // The gateway keeps the tree itself.
    catalogue: createCatalogue({ pool, treeMaxAgeMs: 0 }),
    catalogueChanges: (listener) => followCatalogue(nc, listener),
    offers,
    sales,
    promotions,
    orders: createOrderHistory(pool),
    ledger: createStockLedger(eventLog),
    walletStatement: createWalletStatement(pool),
    pastOrders: createPastOrders(pool),
    reviews: createReviews(pool),
    idempotency: createIdempotencyStore({ log: eventLog, clock: Date.now }),
    gateways: paymentGateways(env, log),
    ...(payuCheckout === undefined ? {} : { payuCheckout }),
    gatewayId: nodeId,
    ...(redis === undefined ? {} : { redis }),
    readiness: {
      nats: { needed: true, check: async () => void (await nc.rtt()) },
      actors: { needed: true, check: async () => everyKindIsThere() },
      ...(env.production ? {} : { catalogue: { needed: true, check: firstCatalogue(pool) } }),
      postgres: { needed: false, check: async () => void (await pool.query('select 1')) },
      ...(redis === undefined ? {} : { redis: { needed: false, check: async () => void (await redis.ping()) } }),
    },
    settings: {
      ...(maxConnections === undefined ? {} : { maxConnections }),
      refuseCards: true,
      jwtSecret: env.jwtSecret,
      reservationSeconds: env.reservationSeconds,
      rateLimitFactor: env.rateLimitFactor,
      waitingRoom: env.waitingRoom,
      shedding: env.shedding,
      keepPages: env.keepPages,
      production: env.production,
      trustProxy: env.trustProxy,
      ...(env.razorpay.simulated ? {} : { hostedCheckout: { keyId: env.razorpay.keyId, gatewayUrl: env.gatewayUrl } }),
    },
    log,
  });
  onStop(() => app.close());
  // Several nodes of one launcher share the port: the kernel deals out the connections (SO_REUSEPORT).
  const shared = env.layout === 'together' && env.nodes > 1;
  await app.listen({ host: env.host, port: env.port, backlog: BACKLOG, ...(shared ? { reusePort: true } : {}) });

  function everyKindIsThere(): void {
    const missing = Object.keys(KINDS).filter((kind) => placement.ownerOf(kind, 0) === undefined);
    if (missing.length > 0) throw new Error(`no node offers ${missing.join(', ')}`);
  }
}

/** Where a first catalogue is loaded, people are let in when it is there. Without PostgreSQL nobody waits for it. */
function firstCatalogue(pool: Pool): () => Promise<void> {
  let loaded = false;
  return async () => {
    if (loaded) return;
    const question = `select exists (select from seeds where name = 'demo') and exists (select from inventory) as loaded`;
    const answer = await pool.query<{ loaded: boolean }>(question).catch(() => undefined);
    if (answer?.rows[0]?.loaded === false) throw Object.assign(new Error('still loading'), { code: 'loading' });
    loaded = true;
  };
}
