/**
 * Addresses as buying sees them. Memory, then the last AccountDocument on stream ACCOUNTS, and PostgreSQL only for
 * an address that neither has (added a moment ago through another gateway, its relay not yet done), in bounded
 * time: with PostgreSQL stopped, everybody can order to every address that has been published.
 */
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import type { AddressId, UserId } from '../../actors/ids.ts';
import { subjects } from '../../config/subjects.ts';
import type { EventLog } from '../event-log.ts';
import { LastDocuments } from '../last-documents.ts';
import type { Pool } from '../postgres/pool.ts';
import { accountDocument } from './addresses.ts';
import type { AccountDocument, Address, AddressBook } from './port.ts';

export type AddressBookOptions = {
  readonly log: Logger;
  readonly eventLog: Pick<EventLog, 'last'>;
  readonly nats: NatsConnection;
  readonly pool: Pool;
  /** Accounts held in memory. Default 50,000. */
  readonly capacity?: number;
  /** How long PostgreSQL is waited for. Default 400 ms. */
  readonly databaseTimeoutMs?: number;
};

export type LiveAddressBook = AddressBook & {
  /** An own write: visible here at once. See AccountsOptions.onAddressesChanged. */
  readonly remember: (document: AccountDocument) => void;
  readonly stop: () => void;
};

export function createAddressBook(options: AddressBookOptions): LiveAddressBook {
  const { log, eventLog, nats, pool, capacity = 50_000, databaseTimeoutMs = 400 } = options;
  const documents = new LastDocuments<AccountDocument>({
    log,
    eventLog,
    nats,
    stream: 'ACCOUNTS',
    subject: subjects.account,
    keyOf: (document) => document.userId,
    capacity,
  });

  const within = (document: AccountDocument | undefined, id: AddressId): Address | undefined =>
    document?.addresses.find((address) => address.id === id);

  async function fromDatabase(userId: UserId): Promise<AccountDocument | undefined> {
    try {
      const document = await inTime(accountDocument(pool, userId), databaseTimeoutMs);
      return document === undefined ? undefined : documents.remember(document);
    } catch (error) {
      // Not an error of the order: the address is then unknown, as far as anyone can tell.
      log.warn({
        event: 'address-lookup-without-database',
        error: error instanceof Error ? error.message : String(error),
      });
      return undefined;
    }
  }

  return {
    async home(userId) {
      const addresses = (await documents.find(userId))?.addresses ?? [];
      return addresses.find(({ isDefault }) => isDefault) ?? addresses[0];
    },
    async find(userId, addressId) {
      return within(await documents.find(userId), addressId) ?? within(await fromDatabase(userId), addressId);
    },
    remember: (document) => void documents.remember(document),
    stop: () => documents.stop(),
  };
}

/** Rejects when `work` takes longer; `work` itself ends by the pool's own time-outs. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`PostgreSQL did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
