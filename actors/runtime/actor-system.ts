/** What all activations of one host share. */
import type { EventLog } from '../../stores/event-log.ts';
import type { Clock, HostLimits, Reminders, RuntimeLogger, RuntimeMetrics } from './ports.ts';

export type ActorSystem = {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly reminders: Reminders;
  readonly metrics: RuntimeMetrics;
  readonly logger: RuntimeLogger;
  readonly limits: HostLimits;
  readonly gauges: Gauges;
};

export type Gauges = { approximateBytes: number; waiting: number; watchers: number };

export const noReminders: Reminders = { schedule: async () => {}, cancel: async () => {} };

export const noMetrics: RuntimeMetrics = { count: () => {}, observe: () => {} };
