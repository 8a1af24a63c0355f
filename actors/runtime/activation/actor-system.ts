/** What all activations of one host share. */
import type { EventLog } from '../../../stores/event-log.ts';
import type { Instant } from '../../ids.ts';
import type { LiveCommit } from '../commit.ts';
import type { Clock, HostLimits, Reminders, RuntimeLogger, RuntimeMetrics } from '../ports.ts';

export type ActorSystem = {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly reminders: Reminders;
  readonly metrics: RuntimeMetrics;
  readonly logger: RuntimeLogger;
  /** For what befalls thousands of actors at once when the log is away: a warning a second, with how many it stands for. */
  readonly complain: (event: string, fields: object) => void;
  readonly limits: HostLimits;
  readonly gauges: Gauges;
  readonly onCommit: ((commit: LiveCommit) => void) | undefined;
};

/** Room for the guard and the pointer, whatever else a message of the log carries. */
const HEADER_BYTES = 4_096;

/** Asked for each commit: another server of the cluster may have another bound. */
export const commitBytes = ({ log, limits }: ActorSystem): number =>
  Math.min(limits.commitBytes, (log.maxMessageBytes ?? Number.POSITIVE_INFINITY) - HEADER_BYTES);

export type Gauges = { approximateBytes: number; waiting: number; watchers: number };

export const noReminders: Reminders = { schedule: async () => {}, cancel: async () => {} };

export const noMetrics: RuntimeMetrics = { count: () => {}, observe: () => {} };

const COMPLAINT_MS = 1_000;

export function complaints(clock: Clock, logger: RuntimeLogger): ActorSystem['complain'] {
  const said = new Map<string, { readonly at: Instant; unsaid: number }>();
  return (event, fields) => {
    const last = said.get(event);
    const now = clock.now();
    if (last !== undefined && now - last.at < COMPLAINT_MS) {
      last.unsaid += 1;
      return;
    }
    logger.warn({ event, ...fields, unsaid: last?.unsaid ?? 0 });
    said.set(event, { at: now, unsaid: 0 });
  };
}
