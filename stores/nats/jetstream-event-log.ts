/** The event log on JetStream. Skeleton: the signature that others build on. */
import type { NatsConnection } from '@nats-io/nats-core';
import type { EventLog } from '../event-log.ts';
import type { PublisherOptions } from './publisher.ts';

export declare function createJetStreamEventLog(nc: NatsConnection, options?: PublisherOptions): EventLog;
