/** A node in a process of its own, to be killed: `actor-node.ts <nats url> <data dir>`; tells its id when it serves. */
import { pino } from 'pino';
import { startNode } from '../../brokers/node.ts';
import { readEnv } from '../../config/env.ts';

const [, , natsUrl = '', dataDir = ''] = process.argv;
const node = await startNode({
  roles: ['cart', 'sku', 'order', 'payment', 'checkout'],
  env: readEnv({ NATS_URL: natsUrl, DATA_DIR: dataDir }),
  log: pino({ level: 'silent' }),
});
process.on('disconnect', () => process.exit(1));
process.send?.(node.nodeId);
