/**
 * Every stream, bucket and consumer, as data in NATS' own words; `config/nats/reconcile.ts` brings a server to it at
 * boot. Names and subjects: see subjects.ts. Durations are nanoseconds, as the server wants them.
 */
import {
  type ConsumerConfig,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { ACTOR_KINDS, streamOf, subjects } from './subjects.ts';

export type StreamSpec = Partial<StreamConfig> & { readonly name: string; readonly subjects: string[] };
export type ConsumerSpec = Partial<ConsumerConfig> & { readonly durable_name: string; readonly stream: string };

export const seconds = (n: number): number => n * 1_000_000_000;
const DAY = seconds(86_400);

const onDisk = {
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  // Reads go past consumers, by direct get (DESIGN 5).
  allow_direct: true,
} as const;

/** The histories of one kind: kept for ever, nothing is thrown away. */
export const historyStream = (kind: string): StreamSpec => ({
  ...onDisk,
  name: streamOf(kind),
  subjects: [`${kind}.*.*`],
});

/** As `nats kv add` makes it, so that every KV client can read it. */
const bucket = (name: string): StreamSpec => ({
  ...onDisk,
  name: `KV_${name}`,
  subjects: [`$KV.${name}.>`],
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 1,
  allow_rollup_hdrs: true,
  deny_delete: true,
});

export const STREAMS: readonly StreamSpec[] = [
  ...ACTOR_KINDS.map(historyStream),
  // One message per timer; a due one is gone once it was handled.
  {
    ...onDisk,
    name: 'TIMERS',
    subjects: ['timer.*.*.*.*', 'due.*.*.*.*'],
    retention: RetentionPolicy.Workqueue,
    max_msgs_per_subject: 1,
    allow_msg_schedules: true,
    allow_msg_ttl: true,
    allow_rollup_hdrs: true,
  },
  { ...onDisk, name: 'CATALOGUE', subjects: ['product.*', 'offer.*'], max_msgs_per_subject: 1 },
  { ...onDisk, name: 'ACCOUNTS', subjects: ['account.*'], max_msgs_per_subject: 1 },
  { ...onDisk, name: 'DEAD_LETTERS', subjects: ['dead.*'] },
  // Dead letters on their way back to their reactor.
  { ...onDisk, name: 'REDRIVE', subjects: ['redrive.*'], retention: RetentionPolicy.Workqueue },
  {
    ...bucket('reservations'),
    allow_msg_ttl: true,
    // How long an expiry waits for a reactor that is down. The least that works is one second.
    subject_delete_marker_ttl: 7 * DAY,
  },
  { ...bucket('idempotency'), max_age: DAY },
];

/**
 * How long a reactor may be silent about a message before the server gives it to another. It says "still at it" every
 * third of that, so a long wait is no trouble.
 */
export const ACK_WAIT_MS = 6_000;
/** Messages in a reactor's hands at most. */
export const HELD_AT_MOST = 1_000;

export const reactorConsumer = (stream: string, name: string, filter?: string): ConsumerSpec => ({
  stream,
  durable_name: name,
  ack_policy: 'explicit',
  ack_wait: ACK_WAIT_MS * 1_000_000,
  // Giving up is the reactor's business: a letter to the dead, with the error.
  max_deliver: -1,
  max_ack_pending: HELD_AT_MOST,
  max_waiting: 16,
  ...(filter === undefined ? {} : { filter_subject: filter }),
});

const redriven = (consumer: string): ConsumerSpec =>
  reactorConsumer('REDRIVE', `${consumer}-redrive`, subjects.redrive(consumer));

export const CONSUMERS: readonly ConsumerSpec[] = [
  reactorConsumer(streamOf('order'), 'checkout'),
  redriven('checkout'),
  reactorConsumer(streamOf('order'), 'late-offers'),
  redriven('late-offers'),
  reactorConsumer(streamOf('sale'), 'flash-sales'),
  redriven('flash-sales'),
  reactorConsumer(streamOf('payment'), 'settlement'),
  redriven('settlement'),
  reactorConsumer(streamOf('payment'), 'refunds'),
  redriven('refunds'),
  reactorConsumer(streamOf('wallet'), 'top-ups'),
  redriven('top-ups'),
  reactorConsumer('KV_reservations', 'reservation-expiry'),
  redriven('reservation-expiry'),
  reactorConsumer('TIMERS', 'reminders', 'due.>'),
  redriven('reminders'),
];
