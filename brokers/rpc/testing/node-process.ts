/** A node of its own process, to be killed: `node-process.ts <nats url>`; tells its node id when others can call it. */
import { startTestNode } from './nodes.ts';

const node = await startTestNode(process.argv[2] ?? '', 'dies');
process.on('disconnect', () => process.exit(1));
process.send?.(node.cluster.nodeId);
