/** Prometheus metrics of the gateway: requests by route, method and status, and the process's own. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { LimitClass } from '../limits/classes.ts';
import type { KeptResult } from '../pages/kept.ts';

export type Metrics = {
  readonly registry: Registry;
  readonly request: (method: string, route: string, status: number, ms: number) => void;
  readonly limited: (limit: LimitClass) => void;
  readonly streams: (change: 1 | -1) => void;
  readonly connectionRefused: () => void;
  readonly kept: (page: 'product' | 'list' | 'category', result: KeptResult) => void;
};

/** `registry`: the node's own, whose process metrics are then somebody else's to collect. */
export function createMetrics(shared?: Registry): Metrics {
  const registry = shared ?? new Registry();
  if (shared === undefined) collectDefaultMetrics({ register: registry, prefix: 'haat_' });
  const requests = new Histogram({
    name: 'haat_http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer (event streams: until they open).',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const limited = new Counter({
    name: 'haat_http_rate_limited_total',
    help: 'Requests refused with 429, by class of limit.',
    labelNames: ['class'],
    registers: [registry],
  });
  const streams = new Gauge({
    name: 'haat_http_event_streams',
    help: 'Open server-sent event streams.',
    registers: [registry],
  });
  const refusedConnections = new Counter({
    name: 'haat_http_connections_refused_total',
    help: 'Connections closed as they came, because as many were open as may be.',
    registers: [registry],
  });
  const pages = new Counter({
    name: 'haat_pages_total',
    help: 'Reads of products, lists and categories, by what was served: fresh, stale (and read anew), read, stale-on-error.',
    labelNames: ['page', 'result'],
    registers: [registry],
  });
  /** Looking a label set up costs more than the observation: once per route and status. */
  const observers = new Map<string, { observe(seconds: number): void }>();

  return {
    registry,
    request(method, route, status, ms) {
      const key = `${method} ${status} ${route}`;
      let observer = observers.get(key);
      if (observer === undefined) {
        observer = requests.labels(method, route, String(status));
        observers.set(key, observer);
      }
      observer.observe(ms / 1_000);
    },
    limited: (limit) => limited.inc({ class: limit }),
    kept: (page, result) => pages.inc({ page, result }),
    streams: (change) => streams.inc(change),
    connectionRefused: () => refusedConnections.inc(),
  };
}
