/** The event log on JetStream, by the cheap ways: own publisher, direct gets, no consumers. */
import type { NatsConnection } from '@nats-io/nats-core';
import type { AppendResult, EventLog } from '../event-log.ts';
import { fromSequence, lastBySubject, lastFromLeader } from './direct-get.ts';
import { guardHeaders } from './headers.ts';
import { createPublisher, type PublishResult } from './publisher.ts';
import { ReplyInbox, type ReplyInboxOptions } from './reply-inbox.ts';

/** Of the subject's last message, by the leader with the number it has, and by a replica without. */
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10_071, 10_164]);

/** nats-server's. */
const DEFAULT_MAX_PAYLOAD = 1_048_576;

/** `nc` stays the caller's: `close` ends the log's subscriptions, not the connection. */
export function createJetStreamEventLog(nc: NatsConnection, options: ReplyInboxOptions = {}): EventLog {
  const publisher = createPublisher(nc, options);
  const inbox = new ReplyInbox(nc, options);
  return {
    get maxMessageBytes() {
      return nc.info?.max_payload ?? DEFAULT_MAX_PAYLOAD;
    },
    append: async (_stream, subject, data, expected, headers) =>
      readResult(await publisher.publish(subject, data, guardHeaders(expected, headers))),
    last: (stream, subject, { fromLeader = false } = {}) =>
      fromLeader ? lastFromLeader(inbox, stream, subject) : lastBySubject(inbox, stream, subject),
    read: (stream, subject, from, before) => fromSequence(inbox, stream, subject, from, before),
    close: async () => {
      publisher.close();
      inbox.close();
    },
  };
}

function readResult(result: PublishResult): AppendResult {
  switch (result.outcome) {
    case 'stored':
      return { outcome: 'appended', sequence: result.sequence };
    case 'refused':
      if (WRONG_LAST_SEQUENCE.has(result.code)) return { outcome: 'conflict' };
      // Not stored, but not because of another writer: the caller's recovery (read, try again, give up) fits.
      return { outcome: 'unknown', cause: new Error(`${result.code} ${result.description}`) };
    case 'unknown':
      return result;
  }
}
