/**
 * Moleculer as Haat uses it: membership, and calls addressed to a node. What it does beyond that, and what each call
 * would pay for it, is off: validation (zod at the edge), metrics, tracing, bulkheads, caching, retries (the actor
 * proxies retry with the same command id), its balancer (placement decides) and its two time-outs per call (ours is one).
 */
import { randomBytes } from 'node:crypto';
import { format } from 'node:util';
import { type BrokerOptions, Loggers } from 'moleculer';
import type { Logger } from 'pino';
import { MOLECULER_NAMESPACE } from './brokers/launcher/disconnect.ts';
import { callTimeout } from './brokers/rpc/call-timeout.ts';

export type BrokerSettings = {
  readonly nodeId: string;
  /** Several servers of one cluster: separated by commas. */
  readonly natsUrl: string;
  readonly log: Pick<Logger, 'debug' | 'warn' | 'error' | 'fatal'>;
};

/**
 * A node that says nothing for this long is taken for dead (whole seconds, looked at once a second: after 3–4.5 s). So a
 * caller with the usual five seconds still reaches the next owner.
 */
const HEARTBEAT_TIMEOUT_S = 3;
const REQUEST_TIMEOUT_MS = 5_000;

/** Who joins or leaves says so at once; services come and go by the handful here, not by the hundred. */
const TRANSIT = { disableReconnect: false, serviceChangedDebounceTime: 0 };

export function brokerOptions({ nodeId, natsUrl, log }: BrokerSettings): BrokerOptions {
  return {
    namespace: MOLECULER_NAMESPACE,
    nodeID: nodeId,
    logger: new PinoBridge(log),
    logLevel: 'info',
    transporter: { type: 'NATS', options: natsOptions(natsUrl, `${nodeId}-rpc`) },
    serializer: 'JSON',
    requestTimeout: REQUEST_TIMEOUT_MS,
    heartbeatInterval: 1,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_S,
    registry: { preferLocal: false, stopDelay: 50 },
    transit: TRANSIT,
    uidGenerator: callIds(),
    internalServices: false,
    internalMiddlewares: false,
    middlewares: [callTimeout],
    validator: false,
    metrics: false,
    tracing: false,
    // The process decides when it ends, in its own order.
    skipProcessEventRegistration: true,
  };
}

/** Moleculer's own takes 2 µs of randomness a call. */
function callIds(): () => string {
  const prefix = randomBytes(6).toString('base64url');
  let calls = 0;
  return () => `${prefix}-${(++calls).toString(36)}`;
}

function natsOptions(natsUrl: string, name: string): object {
  const urls = natsUrl.split(',').map((url) => new URL(url));
  const { username, password, protocol } = urls[0] as URL;
  return {
    servers: urls.map(({ host }) => host),
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 400,
    pingInterval: 5_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...(username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    ...(protocol === 'tls:' ? { tls: {} } : {}),
  };
}

const LEVELS = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  info: 'debug',
  debug: undefined,
  trace: undefined,
} as const;

/** Moleculer's sentences as events. What it tells of each call is not asked for. */
class PinoBridge extends Loggers.Base<object> {
  readonly #log: BrokerSettings['log'];

  constructor(log: BrokerSettings['log']) {
    super();
    this.#log = log;
  }

  override getLogHandler({ mod }: { readonly mod: string }) {
    return (type: keyof typeof LEVELS, args: unknown[]): void => {
      const level = LEVELS[type];
      if (level !== undefined) this.#log[level]({ event: 'moleculer', mod, text: format(...args) });
    };
  }
}
