/**
 * The HTTP gateway, assembled. It does not listen: who builds it does (`app.listen`), and ends it by `app.close()`:
 * no new connections, requests in flight are answered, event streams end and resume elsewhere.
 */
import type { FastifyInstance } from 'fastify';
import { createAccessTokens } from './auth/access-tokens.ts';
import { createAdmission } from './auth/admission.ts';
import { RevokedSessions } from './auth/revoked-sessions.ts';
import type { GatewayDeps } from './deps.ts';
import { openFraud } from './fraud/fraud.ts';
import type { Description } from './http/endpoint.ts';
import { EventStreams } from './http/event-streams.ts';
import { createIdempotency } from './http/idempotent.ts';
import { refuseOtherMethods, sendRefusal, serve } from './http/serve.ts';
import { createServer } from './http/server.ts';
import { Limiter } from './limits/limiter.ts';
import { startSync } from './limits/sync.ts';
import { createMetrics } from './operations/metrics.ts';
import { createReadiness } from './operations/readiness.ts';
import { createOverload } from './overload/overload.ts';
import { openPages } from './pages/open.ts';
import { PreparedAnswers } from './pages/prepared.ts';
import { createCashier } from './pricing/cashier.ts';
import { LivePromotions } from './promotions/live-promotions.ts';
import { QuotasLeft } from './promotions/quotas-left.ts';
import { cartRoutes } from './routes/cart.ts';
import { categoryRoutes } from './routes/categories.ts';
import { checkoutRoutes } from './routes/checkout.ts';
import { fraudRoutes } from './routes/fraud.ts';
import { inventoryRoutes } from './routes/inventory.ts';
import { operations, serveOperations } from './routes/operations.ts';
import { orderEvents, serveOrderEvents } from './routes/order-events.ts';
import { orderRoutes } from './routes/orders.ts';
import { pageRoutes } from './routes/pages.ts';
import { payRoutes, servePayPages } from './routes/pay.ts';
import { paymentRoutes } from './routes/payments.ts';
import { payuRoutes, servePayuPage } from './routes/payu-page.ts';
import { productRoutes } from './routes/products.ts';
import { promotionRoutes } from './routes/promotions.ts';
import { saleEvents, serveSaleEvents } from './routes/sale-events.ts';
import { saleRoutes } from './routes/sales.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { userRoutes } from './routes/users.ts';
import { serveWaitingEvents, waitingEvents } from './routes/waiting-events.ts';
import { waitingRoomRoutes } from './routes/waiting-room.ts';
import { walletRoutes } from './routes/wallet.ts';
import { serveWebhooks, webhooks } from './routes/webhooks.ts';

import { Bulletins } from './sales/bulletins.ts';
import { LiveSales } from './sales/live-sales.ts';
import { withSalePrices, withSales } from './sales/sale-prices.ts';

import { openWaitingRooms } from './waiting-room/open.ts';

export type { GatewayDeps, GatewaySettings } from './deps.ts';
export type { ReadinessCheck } from './operations/readiness.ts';

/** A sale has more watchers than orders have, some of them behind one address, and costs little for each. */
const SALE_STREAMS = { perUser: 200, altogether: 50_000 };

const API_VERSION = '1.0.0';

export async function buildGateway(deps: GatewayDeps): Promise<FastifyInstance> {
  const { settings, log } = deps;
  const metrics = createMetrics(deps.metrics);
  const tokens = createAccessTokens(settings.jwtSecret);
  const revoked = new RevokedSessions();
  const limiter = new Limiter(settings.rateLimitFactor);
  const streams = new EventStreams(metrics.streams);
  const sales = deps.sales ?? new LiveSales();
  const saleStreams = new EventStreams(metrics.streams, SALE_STREAMS);
  const bulletins = new Bulletins(sales, deps.actors);
  const catalogue = openPages(deps, metrics);
  const prepared = new PreparedAnswers();
  const waiting = openWaitingRooms(deps, sales, metrics.registry);
  const promotions = deps.promotions ?? new LivePromotions();
  const cashier = createCashier({ promotions, quotas: new QuotasLeft(deps.actors), orders: deps.orders });
  const fraud = openFraud(deps);
  const onSale = {
    ...deps,
    fraud,
    sales,
    cashier,
    waiting: waiting.rooms,
    prepared,
    catalogue: withSales(catalogue, sales),
  };
  const admission = createAdmission({ tokens, revoked, limiter, send: sendRefusal, onLimited: metrics.limited });
  const idempotency = createIdempotency(deps.idempotency, settings.jwtSecret, log);

  const endpoints = [
    ...sessionRoutes({ accounts: deps.accounts, tokens, revoked, limiter }),
    ...userRoutes(deps),
    ...productRoutes(onSale),
    ...categoryRoutes(onSale),
    ...pageRoutes({ ...onSale, offers: withSalePrices(deps.offers, sales) }),
    ...inventoryRoutes({ ...deps, sales }),
    ...cartRoutes({ ...onSale, offers: withSalePrices(deps.offers, sales) }),
    ...checkoutRoutes(onSale),
    ...saleRoutes(onSale),
    ...promotionRoutes({ actors: deps.actors, promotions }),
    ...waitingRoomRoutes(waiting.rooms),
    ...orderRoutes({ ...deps, fraud }),
    ...paymentRoutes(deps),
    ...fraudRoutes(deps),
    ...walletRoutes(deps),
  ];
  const described: readonly Description[] = [
    ...endpoints.map(({ description }) => description),
    orderEvents,
    saleEvents,
    waitingEvents,
    webhooks,
    ...(settings.hostedCheckout === undefined ? [] : payRoutes),
    ...(deps.payuCheckout === undefined ? [] : payuRoutes),
    ...operations,
  ];

  const { shedding, stopShedding } = createOverload(deps, metrics.registry, described, admission);
  const app = createServer({ settings, log, metrics, ...(shedding === undefined ? {} : { shedding }) });
  serve(app, endpoints, { admission, idempotency });
  serveOrderEvents(app, { actors: deps.actors, log, admission, streams });
  serveSaleEvents(app, { sales, bulletins, admission, streams: saleStreams });
  serveWaitingEvents(app, { ...waiting, admission, onChange: metrics.streams });
  serveWebhooks(app, { ...deps, fraud, forged: admission.forged });
  if (settings.hostedCheckout !== undefined) servePayPages(app, settings.hostedCheckout, admission);
  if (deps.payuCheckout !== undefined) servePayuPage(app, { ...deps, payu: deps.payuCheckout, admission });
  const metricsText = deps.metricsText ?? (() => metrics.registry.metrics());
  serveOperations(app, { metricsText, readiness: createReadiness(deps.readiness), described, version: API_VERSION });
  refuseOtherMethods(app, described);

  const stopSync = deps.redis === undefined ? undefined : startSync({ redis: deps.redis, limiter, revoked, log });
  // Before Fastify waits for requests in flight, of which an event stream would be one for ever.
  app.addHook('preClose', async () => {
    streams.closeAll();
    saleStreams.closeAll();
    await waiting.rooms.stop();
  });
  app.addHook('onClose', async () => {
    bulletins.stop();
    sales.stop();
  });
  app.addHook('onClose', async () => {
    stopSync?.();
    fraud.stop();
    stopShedding();
    catalogue.stop();
  });
  await app.ready();
  return app;
}
