/** Who is there and what they offer, and calls to one of them: all that the rest of Haat knows of Moleculer. */
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import type { Logger } from 'pino';
import { brokerOptions } from '../../moleculer.config.ts';
import { gatherWrites } from '../../stores/nats/gather-writes.ts';

export type Cluster = {
  readonly nodeId: string;
  /** Live nodes (this one too) that offer the service. */
  offering(service: string): readonly string[];
  /** Called after every change of who offers what. */
  onChange(listener: () => void): void;
  /** Resolves when others have been told. */
  offer(service: ServiceSchema): Promise<void>;
  /** Others are told; calls that are under way here are still answered. */
  withdraw(service: string): Promise<void>;
  /** Rejects with a MoleculerError. */
  call(nodeId: string, action: string, params: object, timeoutMs: number): Promise<unknown>;
  /** Others are told that this node is gone. */
  leave(): Promise<void>;
};

export type ClusterOptions = {
  readonly nodeId: string;
  readonly natsUrl: string;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;
};

/** Heartbeats are looked at this often; Moleculer alone would look once per time-out, and notice a death twice as late. */
const LOOK_MS = 1_000;

/** Moleculer's transporter keeps its NATS client as `client`, which its types do not say. */
function gatherRpcWrites(broker: ServiceBroker): void {
  const transporter: unknown = broker.transit?.tx;
  if (typeof transporter !== 'object' || transporter === null) return;
  const client: unknown = Reflect.get(transporter, 'client');
  if (typeof client === 'object' && client !== null) gatherWrites(client);
}

export async function joinCluster(options: ClusterOptions): Promise<Cluster> {
  const broker = new ServiceBroker(brokerOptions(options));
  const { log, nodeId } = options;
  const members = new Map<string, readonly string[]>();
  const listeners: (() => void)[] = [];
  const refresh = (): void => {
    members.clear();
    for (const listener of listeners) listener();
  };
  broker.localBus.on('$services.changed', refresh);
  broker.localBus.on('$node.disconnected', ({ node, unexpected }: { node: { id: string }; unexpected: boolean }) => {
    log.info({ event: 'node-gone', node: node.id, unexpected });
    refresh();
  });
  broker.localBus.on('$node.connected', ({ node }: { node: { id: string } }) => {
    log.info({ event: 'node-seen', node: node.id });
    refresh();
  });
  await broker.start();
  gatherRpcWrites(broker);
  const { discoverer } = broker.registry;
  const looking = setInterval(() => discoverer.checkRemoteNodes(), LOOK_MS).unref();
  const tellAll = (): Promise<void> => discoverer.sendLocalNodeInfo();

  function offering(service: string): readonly string[] {
    let nodes = members.get(service);
    if (nodes === undefined) {
      nodes = broker.registry
        .getServiceList({ onlyAvailable: true })
        .flatMap((item) => (item.name === service && typeof item.nodeID === 'string' ? [item.nodeID] : []));
      members.set(service, nodes);
    }
    return nodes;
  }

  return {
    nodeId,
    offering,
    onChange: (listener) => void listeners.push(listener),
    async offer(service) {
      broker.createService(service);
      await broker.waitForServices(service.name, 5_000, 5);
      refresh();
      await tellAll();
    },
    async withdraw(service) {
      await broker.destroyService(service);
      refresh();
      await tellAll();
    },
    call: (node, action, params, timeoutMs) => broker.call(action, params, { nodeID: node, timeout: timeoutMs }),
    async leave() {
      clearInterval(looking);
      await broker.stop();
    },
  };
}
