import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AddressId, Paise, Pincode, ProductId, SellerId, Sku, UserId } from '../actors/ids.ts';
import { eventually, freshNats, freshPostgres, type TestServer } from '../brokers/launcher/test-servers.ts';
import { createAccounts } from './accounts/accounts.ts';
import { createAddressBook } from './accounts/address-book.ts';
import type { AccountDocument, Address } from './accounts/port.ts';
import { createOffers } from './catalogue/offers.ts';
import type { OfferDocument } from './catalogue/port.ts';
import type { EventLog } from './event-log.ts';
import { connectNats } from './nats/connection.ts';
import { createJetStreamEventLog } from './nats/jetstream-event-log.ts';
import { createPublisher } from './nats/publisher.ts';
import { migrate } from './postgres/migrate.ts';
import { createPool, type Pool } from './postgres/pool.ts';
import { startRelay } from './postgres/relay.ts';

const log = pino({ level: 'silent' });
let server: TestServer;
let postgres: TestServer;
let nats: NatsConnection;
let eventLog: EventLog;
let pool: Pool;

beforeAll(async () => {
  [server, postgres] = await Promise.all([freshNats(), freshPostgres()]);
  await migrate(postgres.url, log);
  pool = createPool({ databaseUrl: postgres.url, applicationName: 'test', log, connectionTimeoutMs: 500 });
  nats = await connectNats(server.url, { name: 'test', log });
  eventLog = createJetStreamEventLog(nats);
});
beforeEach(async () => {
  const { streams } = await jetstreamManager(nats);
  for (const [name, subjects] of [
    ['CATALOGUE', ['offer.*']],
    ['ACCOUNTS', ['account.*']],
  ] as const) {
    await streams.delete(name).catch(() => {});
    await streams.add({ name, subjects: [...subjects], max_msgs_per_subject: 1, allow_direct: true });
  }
});
afterAll(async () => {
  await eventLog.close();
  await nats.close();
  await pool.end();
  await Promise.all([server[Symbol.asyncDispose](), postgres[Symbol.asyncDispose]()]);
});

const offer = (sku: string, version: number, change: Partial<OfferDocument> = {}): OfferDocument => ({
  sku: sku as Sku,
  productId: 'prd_1' as ProductId,
  sellerId: 'sel_1' as SellerId,
  name: 'Lamp',
  unitPrice: (version * 100) as Paise,
  mrp: 1_000 as Paise,
  status: 'active',
  version,
  ...change,
});
async function publish(subject: string, document: object): Promise<void> {
  const publisher = createPublisher(nats);
  expect(await publisher.publish(subject, JSON.stringify(document))).toMatchObject({ outcome: 'stored' });
  publisher.close();
}
/** Counts the reads of the stream, and can hold them up. */
function counting() {
  const reads: string[] = [];
  let gate: Promise<void> = Promise.resolve();
  return {
    reads,
    holdUntil: (until: Promise<void>) => {
      gate = until;
    },
    last: async (stream: string, subject: string) => {
      reads.push(subject);
      const message = await eventLog.last(stream, subject);
      await gate;
      return message;
    },
  };
}

test('an offer is read once for all who ask, then follows what is published', async () => {
  await publish('offer.LAMP', offer('LAMP', 1));
  const source = counting();
  const offers = createOffers({ log, eventLog: source, nats });
  const found = await Promise.all(Array.from({ length: 20 }, () => offers.find('LAMP' as Sku)));
  expect(new Set(found.map((each) => each?.unitPrice))).toEqual(new Set([100]));
  expect(source.reads).toEqual(['offer.LAMP']);
  await publish('offer.LAMP', offer('LAMP', 2));
  await eventually(async () => (await offers.find('LAMP' as Sku))?.unitPrice === 200);
  await publish('offer.LAMP', offer('LAMP', 3, { status: 'archived' }));
  await eventually(async () => (await offers.find('LAMP' as Sku)) === undefined);
  expect(source.reads).toHaveLength(1);
  offers.stop();
});

test('"no such SKU" is remembered for a while, and ends when it is published', async () => {
  const source = counting();
  const offers = createOffers({ log, eventLog: source, nats });
  for (let i = 0; i < 3; i++) expect(await offers.find('NEW' as Sku)).toBeUndefined();
  expect(source.reads).toHaveLength(1);
  await publish('offer.NEW', offer('NEW', 1));
  await eventually(() => offers.find('NEW' as Sku));
  expect(source.reads).toHaveLength(1);
  offers.stop();
});

test('an old version never comes back: neither by a repeat nor by a read that was overtaken', async () => {
  await publish('offer.LAMP', offer('LAMP', 1));
  const source = counting();
  const offers = createOffers({ log, eventLog: source, nats });
  let release = (): void => {};
  source.holdUntil(
    new Promise((resolve) => {
      release = resolve;
    }),
  );
  const slow = offers.find('LAMP' as Sku);
  await eventually(() => source.reads.length === 1);
  await publish('offer.LAMP', offer('LAMP', 2));
  await publish('offer.LAMP', offer('LAMP', 1));
  await nats.flush();
  release();
  expect((await slow)?.version).toBe(2);
  expect((await offers.find('LAMP' as Sku))?.version).toBe(2);
  offers.stop();
});

test('after the connection was away everything is read again', async () => {
  await publish('offer.LAMP', offer('LAMP', 1));
  const source = counting();
  const offers = createOffers({ log, eventLog: source, nats });
  await offers.find('LAMP' as Sku);
  await server.kill();
  await server.start();
  await eventually(
    async () => {
      await offers.find('LAMP' as Sku);
      return source.reads.length > 1;
    },
    { withinMs: 10_000 },
  );
  expect((await offers.find('LAMP' as Sku))?.version).toBe(1);
  offers.stop();
});

const home = {
  name: 'A',
  phone: '+919800000001',
  line1: '1',
  city: 'Pune',
  state: 'MH',
  pincode: '411001' as Pincode,
  type: 'home',
  isDefault: true,
} as const;

test('addresses: own writes at once, others by the stream or PostgreSQL, and with PostgreSQL stopped', async () => {
  const publisher = createPublisher(nats);
  const here = createAddressBook({ log, eventLog, nats, pool });
  const elsewhere = createAddressBook({ log, eventLog, nats, pool });
  const accounts = createAccounts({ pool, onAddressesChanged: here.remember });
  const user = await accounts.register({
    email: 'a@example.in',
    phone: '+919800000001',
    password: 'p',
    firstName: 'A',
    lastName: 'B',
  });
  if (typeof user === 'string') throw new Error(user);

  // No relay runs yet: here it is known at once, elsewhere PostgreSQL tells.
  const first = await accounts.addAddress(user.id, home);
  expect(await here.find(user.id, first.id)).toEqual(first);
  expect(await elsewhere.find(user.id, first.id)).toEqual(first);
  expect(await elsewhere.find('usr_other' as UserId, first.id)).toBeUndefined();

  const relay = startRelay({ databaseUrl: postgres.url, publisher, log });
  const second = await accounts.addAddress(user.id, { ...home, city: 'Nashik' });
  await accounts.removeAddress(user.id, first.id);
  await eventually(async () => (await elsewhere.find(user.id, first.id)) === undefined);
  await eventually(async () => (await pool.query('select 1 from outbox')).rowCount === 0);
  await relay.stop();

  await postgres.stop();
  const later = createAddressBook({ log, eventLog, nats, pool, databaseTimeoutMs: 200 });
  for (const book of [here, elsewhere, later]) expect(await book.find(user.id, second.id)).toEqual(second);
  expect(await later.find(user.id, 'adr_none' as AddressId)).toBeUndefined();
  await postgres.start();
  for (const book of [here, elsewhere, later]) book.stop();
  publisher.close();
});

test('a document of the stream is read as it is, whoever asks', async () => {
  const address: Address = { ...home, id: 'adr_1' as AddressId, version: 1 };
  const document: AccountDocument = { userId: 'usr_1' as UserId, addresses: [address], version: 1 };
  await publish('account.usr_1', document);
  const book = createAddressBook({ log, eventLog, nats, pool });
  expect(await book.find('usr_1' as UserId, 'adr_1' as AddressId)).toEqual(address);
  book.stop();
});
