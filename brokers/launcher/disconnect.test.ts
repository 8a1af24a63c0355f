import { ServiceBroker } from 'moleculer';
import { expect, inject, test } from 'vitest';
import { announceDead, MOLECULER_NAMESPACE } from './disconnect.ts';
import { eventually } from './eventually.ts';

test('a node announced dead leaves the others’ registries at once, long before its heartbeat is missed', async () => {
  const start = async (nodeID: string): Promise<ServiceBroker> => {
    const broker = new ServiceBroker({
      namespace: MOLECULER_NAMESPACE,
      nodeID,
      logger: false,
      transporter: { type: 'NATS', options: { url: inject('natsUrl') } },
      heartbeatInterval: 60,
      heartbeatTimeout: 300,
    });
    await broker.start();
    return broker;
  };
  const [watcher, doomed] = await Promise.all([start('watcher'), start('doomed')]);
  try {
    const left: string[] = [];
    watcher.localBus.on('$node.disconnected', ({ node }: { node: { id: string } }) => left.push(node.id));
    const knows = (): boolean => watcher.registry.nodes.get('doomed')?.available === true;
    await eventually(knows);
    await announceDead(inject('natsUrl'), 'doomed');
    await eventually(() => left.includes('doomed'), { withinMs: 2_000 });
    expect(knows()).toBe(false);
  } finally {
    await Promise.all([watcher.stop(), doomed.stop()]);
  }
});
