/** Offers as buying sees them: memory first, then the last message on stream CATALOGUE. Never PostgreSQL. */
import type { NatsConnection } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import { subjects } from '../../config/subjects.ts';
import type { EventLog } from '../event-log.ts';
import { LastDocuments } from '../last-documents.ts';
import type { OfferDocument, Offers } from './port.ts';

export type OffersOptions = {
  readonly log: Logger;
  readonly eventLog: Pick<EventLog, 'last'>;
  readonly nats: NatsConnection;
  /** Offers held in memory, about half a kilobyte each. Default 200,000. */
  readonly capacity?: number;
};

export type LiveOffers = Offers & { readonly stop: () => void };

export function createOffers({ log, eventLog, nats, capacity = 200_000 }: OffersOptions): LiveOffers {
  const documents = new LastDocuments<OfferDocument>({
    log,
    eventLog,
    nats,
    stream: 'CATALOGUE',
    subject: subjects.offer,
    keyOf: (offer) => offer.sku,
    capacity,
  });
  return {
    async find(sku) {
      const offer = await documents.find(sku);
      return offer?.status === 'active' ? offer : undefined;
    },
    stop: () => documents.stop(),
  };
}
