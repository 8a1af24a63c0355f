/**
 * Reminders as JetStream scheduled messages (ADR-51): one subject per timer, so scheduling again moves it. When the
 * time has come the server itself stores the due message, which reactor `reminders` turns into command `remind`.
 */
import type { Reminders } from '../../actors/runtime/ports.ts';
import { subjects } from '../../config/subjects.ts';
import { encodeHeaders } from './headers.ts';
import type { JetStreamPublisher } from './publisher.ts';

/** Takes the timer's place on its subject and goes away by itself. */
const NEVER = encodeHeaders({ 'Nats-TTL': '1s' });

export class ReminderNotStored extends Error {
  readonly code = 'reminder-not-stored';
  readonly retryable = true;
}

/** Sends at once, on the publisher's connection: a reminder asked for before an append is before it on the wire. */
export function createReminders(publisher: Pick<JetStreamPublisher, 'publish'>): Reminders {
  return {
    async schedule({ kind, id, name, at }) {
      const result = await publisher.publish(subjects.timer(kind, id, name), '', {
        'Nats-Schedule': `@at ${new Date(at).toISOString()}`,
        'Nats-Schedule-Target': subjects.due(kind, id, name),
      });
      if (result.outcome !== 'stored') {
        throw new ReminderNotStored(`${kind}/${id} ${name}`, { cause: result });
      }
    },
    async cancel({ kind, id, name }) {
      const result = await publisher.publish(subjects.timer(kind, id, name), '', NEVER);
      if (result.outcome !== 'stored') {
        throw new ReminderNotStored(`${kind}/${id} ${name}: not cancelled`, { cause: result });
      }
    },
  };
}
