/**
 * One Haat process: `node brokers/node-main.ts --roles cart,order,sku [--node-id ID]`. The launcher runs it for each of
 * its own; `npm run node -- --roles …` joins a running system, found by NATS_URL and the other variables or, without
 * them, in DATA_DIR. SIGTERM, SIGINT or the end of the launcher: leaves gracefully.
 */
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { cardFreeLog } from '../config/card-numbers.ts';
import { EnvInvalid, loadEnv } from '../config/env.ts';
import { runningServers } from './launcher/run-file.ts';
import { onStopSignal } from './launcher/stop-signal.ts';
import { ROLES, type Role, startNode } from './node.ts';

const LEAVE_WITHIN_MS = 15_000;

const { values } = parseArgs({
  options: {
    roles: { type: 'string' },
    'node-id': { type: 'string' },
    /** Not read: names the data folder whose launcher started this process, for its successor to find. */
    'data-dir': { type: 'string' },
  },
});

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};

function rolesIn(text: string | undefined): readonly Role[] {
  const names = (text ?? '').split(',').filter((name) => name !== '');
  const roles = ROLES.filter((role) => names.includes(role));
  if (names.length === 0 || roles.length !== new Set(names).size) {
    return fail(`--roles takes one or more of ${ROLES.join(',')}; got ${text ?? 'nothing'}`);
  }
  return roles;
}

function environment() {
  try {
    const nodeId = values['node-id'];
    const id = nodeId === undefined ? {} : { NODE_ID: nodeId };
    const env = loadEnv(id);
    if (env.natsUrl !== undefined) return env;
    const running = runningServers(env.dataDir);
    if (running === undefined) {
      return fail(`No NATS_URL is set and nothing runs in ${env.dataDir}. Start the system first: npm start`);
    }
    return loadEnv({ ...running, ...id });
  } catch (error) {
    if (error instanceof EnvInvalid) return fail(error.message);
    throw error;
  }
}

const roles = rolesIn(values.roles);
const env = environment();
const log = pino({
  ...cardFreeLog,
  level: env.logLevel,
  base: { nodeId: env.nodeId },
  timestamp: pino.stdTimeFunctions.isoTime,
});

let node: Awaited<ReturnType<typeof startNode>> | undefined;
let leaving = false;

async function leave(why: string): Promise<void> {
  if (leaving) return;
  leaving = true;
  log.info({ event: 'node-leaving', why });
  // Not in yet: nobody knows us, nothing is held.
  if (node === undefined) process.exit(1);
  setTimeout(() => {
    log.error({ event: 'node-leave-timed-out', afterMs: LEAVE_WITHIN_MS });
    process.exit(1);
  }, LEAVE_WITHIN_MS).unref();
  await node.stop();
  log.info({ event: 'node-left' });
  process.exit(0);
}

onStopSignal(
  () => void leave('signal'),
  () => process.exit(1),
);
process.on('disconnect', () => void leave('launcher-gone'));

node = await startNode({ roles, env, log });
log.info({ event: 'node-ready', nodeId: node.nodeId, roles });
process.send?.({ event: 'node-ready', nodeId: node.nodeId });
