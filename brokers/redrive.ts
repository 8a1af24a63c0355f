/**
 * Dead letters: `npm run redrive -- --list` shows them, `npm run redrive` sends them back to their reactors.
 * `--consumer checkout`: only those of one reactor. Servers are found as by `npm run node`.
 */
import { parseArgs } from 'node:util';
import { loadEnv } from '../config/env.ts';
import { connectNats } from '../stores/nats/connection.ts';
import { createPublisher } from '../stores/nats/publisher.ts';
import { runningServers } from './launcher/run-file.ts';
import { canBeRedriven, deadLetters, redrive } from './reactors/dead-letters.ts';

const { values } = parseArgs({ options: { consumer: { type: 'string' }, list: { type: 'boolean', default: false } } });
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

const env = loadEnv();
const natsUrl = env.natsUrl ?? runningServers(env.dataDir)?.NATS_URL;
if (natsUrl === undefined) {
  say(`No NATS_URL is set and nothing runs in ${env.dataDir}. Start the system first: npm start`);
  process.exit(2);
}
const nc = await connectNats(natsUrl, { name: 'redrive', log: quiet });
const publisher = createPublisher(nc);
let count = 0;
let sent = 0;
for await (const stored of deadLetters(nc, values.consumer)) {
  const { consumer, step, subject, tries, at, error } = stored.letter;
  say(`${at}  ${consumer}  ${subject}  ${step}  after ${tries} tries: ${error.code ?? error.name}: ${error.message}`);
  count++;
  if (values.list || !canBeRedriven(stored.letter)) continue;
  await redrive(nc, publisher, stored);
  sent++;
}
if (count === 0) say('No dead letters.');
else say(values.list ? `${count} dead letters. To send them back: npm run redrive` : `${sent} of ${count} sent back.`);
publisher.close();
await nc.close();
