/**
 * A node's figures, and those of all nodes in one text. Only gateways speak HTTP, so they ask the others: one place for
 * Prometheus to read, every series with the node that it is of.
 */
import { AggregatorRegistry, Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { RuntimeMetrics } from '../../actors/runtime/ports.ts';
import type { Cluster } from '../rpc/cluster.ts';

const SERVICE = 'node-metrics';
const TIMEOUT_MS = 1_000;

export type NodeMetrics = { readonly registry: Registry; readonly runtime: RuntimeMetrics };

export function createNodeMetrics(nodeId: string): NodeMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ node: nodeId });
  collectDefaultMetrics({ register: registry, prefix: 'haat_' });
  /** Kind → what → how often. Counted here and copied when somebody reads: the library looks labels up at every turn. */
  const counts = new Map<string, Map<string, number>>();
  new Counter({
    name: 'haat_actor_total',
    help: 'What happened to actors: commands, rejections, commits, conflicts, loads …',
    labelNames: ['what', 'kind'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [kind, counted] of counts) {
        for (const [what, count] of counted) this.inc({ what, kind }, count);
      }
    },
  });
  const milliseconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1_000];
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, labelNames: ['kind'], buckets, registers: [registry] });
  const histograms = {
    'turn-ms': histogram('haat_actor_turn_ms', 'From taking a mailbox to answering it, in ms', milliseconds),
    'load-ms': histogram('haat_actor_load_ms', 'Loading an actor that was not in memory, in ms', milliseconds),
    batch: histogram('haat_actor_batch', 'Commands in one commit', [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024]),
  };
  const observers = new Map<string, Histogram.Internal<'kind'>>();
  return {
    registry,
    runtime: {
      count(what, kind, by) {
        let counted = counts.get(kind);
        if (counted === undefined) {
          counted = new Map();
          counts.set(kind, counted);
        }
        counted.set(what, (counted.get(what) ?? 0) + by);
      },
      observe(name, kind, value) {
        const key = `${name} ${kind}`;
        let observer = observers.get(key);
        if (observer === undefined) {
          observer = histograms[name].labels(kind);
          observers.set(key, observer);
        }
        observer.observe(value);
      },
    },
  };
}

export const offerMetrics = (cluster: Cluster, { registry }: NodeMetrics): Promise<void> =>
  cluster.offer({ name: SERVICE, actions: { read: () => registry.getMetricsAsJSON() } });

/** A node that does not answer is left out. */
export async function metricsOfAllNodes(cluster: Cluster, { registry }: NodeMetrics): Promise<string> {
  const others = cluster.offering(SERVICE).filter((node) => node !== cluster.nodeId);
  const answers = await Promise.all(
    others.map((node) => cluster.call(node, `${SERVICE}.read`, {}, TIMEOUT_MS).catch(() => undefined)),
  );
  const all: object[] = [await registry.getMetricsAsJSON()];
  for (const answer of answers) if (Array.isArray(answer)) all.push(answer);
  return AggregatorRegistry.aggregate(all).metrics();
}
