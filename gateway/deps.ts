/** What the gateway is made of: ports, and the values of the configuration that it needs. */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { PaymentGateway } from '../actors/checkout/ports.ts';
import type { Actors } from '../actors/clients.ts';
import type { CallFigures } from '../brokers/rpc/call-figures.ts';
import type { Accounts, AddressBook } from '../stores/accounts/port.ts';
import type { Catalogue, Offers } from '../stores/catalogue/port.ts';
import type { PastOrders, Reviews } from '../stores/fraud/port.ts';
import type { IdempotencyStore } from '../stores/idempotency.ts';
import type { PayuCheckout } from '../stores/payments/payu/checkout.ts';
import type { OrderHistory, StockLedger, WalletStatement } from '../stores/projections/port.ts';
import type { FraudPolicy } from './fraud/assess.ts';
import type { ReadinessCheck } from './operations/readiness.ts';
import type { Gate } from './overload/gate.ts';
import type { CatalogueChanges } from './pages/kept-catalogue.ts';
import type { LivePromotions } from './promotions/live-promotions.ts';
import type { LiveSales } from './sales/live-sales.ts';

export type GatewaySettings = {
  readonly jwtSecret: string;
  readonly reservationSeconds: number;
  readonly rateLimitFactor: number;
  /** Adds HSTS. */
  readonly production: boolean;
  /** Proxies whose X-Forwarded-For is believed. Default `loopback`: one on this machine; nobody from outside. */
  readonly trustProxy?: string | readonly string[];
  /** For the real Razorpay: its public key, and this gateway as the world sees it. Absent: no pay pages here. */
  readonly hostedCheckout?: { readonly keyId: string; readonly gatewayUrl: string };
  /** True: a request with what looks like a card number is refused. Default false. */
  readonly refuseCards?: boolean;
  /** False: nothing is shed, whatever the load. Default true. */
  readonly shedding?: boolean;
  /** False: pages are read from the catalogue for every request. Default true. */
  readonly keepPages?: boolean;
  /** Admissions a second of the cluster, into the shop and into each sale; 0: no waiting room. Default 10,000 each. */
  readonly waitingRoom?: {
    readonly siteRate?: number;
    readonly saleRate?: number;
    /** Event streams of those who wait, at this gateway. Default 120,000. */
    readonly streams?: number;
    /** What places and passes are signed with: the first signs, all are believed. Default: made from `jwtSecret`. */
    readonly secrets?: readonly [string, ...string[]];
  };
  /** Open at a time; more are closed as they come. Default: as many as there are open files. */
  readonly maxConnections?: number;
  /** How long a checkout may take before the client is told to ask again. Default 8,000 ms. */
  readonly checkoutTimeoutMs?: number;
};

export type GatewayDeps = {
  readonly actors: Actors;
  readonly accounts: Accounts;
  readonly addressBook: AddressBook;
  readonly catalogue: Catalogue;
  /** Default: only what is written here is known to have changed. */
  readonly catalogueChanges?: CatalogueChanges;
  readonly offers: Offers;
  /** Fed with the sales of the stream. Default: there are none. */
  readonly sales?: LiveSales;
  /** Fed with the promotions of the stream. Default: those that are declared here. */
  readonly promotions?: LivePromotions;
  readonly orders: OrderHistory;
  readonly ledger: StockLedger;
  /** Default: nothing is listed. */
  readonly walletStatement?: WalletStatement;
  /** What is looked up before goods leave. Default: nothing. */
  readonly pastOrders?: PastOrders;
  /** Default: the configuration's (config/fraud.ts). */
  readonly fraudPolicy?: FraudPolicy;
  /** Default: none are listed. */
  readonly reviews?: Reviews;
  readonly idempotency: IdempotencyStore;
  /** The first that takes a method serves it. */
  readonly gateways: readonly PaymentGateway[];
  /** Our page that leads to PayU's. Absent: there is none. */
  readonly payuCheckout?: PayuCheckout;
  /** May fail, or not be there: then rate limits and revocations are this gateway's own. */
  readonly redis?: Redis;
  /** This gateway among those that share Redis. Default: a name of its own. */
  readonly gatewayId?: string;
  readonly readiness: Readonly<Record<string, ReadinessCheck>>;
  readonly settings: GatewaySettings;
  /** How commands to actors have fared since it was last asked: what tells an overload elsewhere. */
  readonly calls?: () => CallFigures;
  /** Moved by who gives it. Default: one that follows the load. */
  readonly gate?: Gate;
  readonly log: Logger;
  /** The node's metrics; default a registry of the gateway's own. */
  readonly metrics?: Registry;
  /** What `GET /metrics` answers. Default: `metrics` alone. */
  readonly metricsText?: () => Promise<string>;
};
