/**
 * `npm run inspect -- order|cart|sku|payment ID [--json]`: an actor's history, what it is now, where it lives and how it
 * is stored. Reads the log; the actor itself is not asked and not loaded.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { ACTOR_KINDS, isToken, type KindName } from '../config/subjects.ts';
import { connectNats } from '../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../stores/nats/jetstream-event-log.ts';
import { readActor } from './inspect/actor-record.ts';
import { type Inspected, show } from './inspect/show.ts';
import { findOwner, openReservation } from './inspect/whereabouts.ts';
import { CannotStart } from './launcher/cannot-start.ts';
import { findServers } from './launcher/found-servers.ts';
import { KINDS } from './roles/kinds.ts';

const USAGE = `npm run inspect -- ${ACTOR_KINDS.join('|')} ID [--json]`;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function readArguments(): { readonly kind: KindName; readonly id: string; readonly json: boolean } {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [name, id, ...others] = positionals;
    const kind = ACTOR_KINDS.find((known) => known === name);
    if (kind !== undefined && id !== undefined && isToken(id) && others.length === 0)
      return { kind, id, json: values.json };
  } catch {
    // An option that there is not.
  }
  throw new CannotStart(USAGE);
}

async function inspectActor(kind: KindName, id: string, natsUrl: string): Promise<Inspected | undefined> {
  const log = pino({ level: 'silent' });
  const nc = await connectNats(natsUrl, { name: 'inspect', log });
  const eventLog = createJetStreamEventLog(nc);
  try {
    const record = await readActor(eventLog, KINDS[kind], id, Date.now());
    if (record === undefined) return undefined;
    const nodeId = `inspect-${randomBytes(3).toString('hex')}`;
    const [whereabouts, reservation] = await Promise.all([
      findOwner({ natsUrl, nodeId, log }, kind, record.partition),
      kind === 'order' ? openReservation(eventLog, id) : undefined,
    ]);
    return { ...record, ...whereabouts, reservation };
  } finally {
    await eventLog.close();
    await nc.close();
  }
}

// `… | head`: the reader has seen enough.
process.stdout.on('error', () => process.exit());
try {
  const { kind, id, json } = readArguments();
  const actor = await inspectActor(kind, id, findServers().natsUrl);
  if (actor === undefined) {
    process.stderr.write(`There is no ${kind} ${id}: nothing ever happened to it.\n`);
    process.exitCode = 1;
  } else if (json) say(JSON.stringify(actor, undefined, 2));
  else for (const line of show(actor)) say(line);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof CannotStart ? 2 : 1;
}
