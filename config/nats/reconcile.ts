/**
 * Brings a NATS server to what config/streams.ts declares: creates what is missing, updates what differs, and stops
 * with a plain error where that cannot be done without losing something. Nothing is ever deleted. Several nodes may
 * do it at once.
 */
import {
  type ConsumerConfig,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { type NatsConnection, TimeoutError } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import { CONSUMERS, type ConsumerSpec, STREAMS, type StreamSpec } from '../streams.ts';

export class StreamsUnfit extends Error {
  readonly code = 'streams-unfit';
  constructor(what: string, options?: { cause?: unknown }) {
    super(what, options);
    this.name = 'StreamsUnfit';
  }
}

export type ReconcileOptions = {
  readonly replicas: 1 | 3 | 5;
  readonly log: Pick<Logger, 'info'>;
  readonly streams?: readonly StreamSpec[];
  readonly consumers?: readonly ConsumerSpec[];
  /** For each answer of the server. */
  readonly timeoutMs?: number;
};

/** What a server cannot change in a stream that exists. */
const FIXED = ['storage', 'retention'] as const satisfies readonly (keyof StreamConfig)[];
const STREAM_NOT_FOUND = 10_059;
const STREAM_NAME_IN_USE = 10_058;
const TIMEOUT_MS = 10_000;
/** A young cluster elects a leader for each stream and consumer, all at once, and answers when it has. */
const ATTEMPTS = 3;
const NO_LEADER = 503;

export async function reconcileStreams(nc: NatsConnection, options: ReconcileOptions): Promise<void> {
  const { replicas, log, streams = STREAMS, consumers = CONSUMERS, timeoutMs = TIMEOUT_MS } = options;
  const jsm = await again(() => reachJetStream(nc, timeoutMs), log);
  const wanted = streams.map((spec) => ({ ...spec, num_replicas: replicas }));
  await Promise.all(wanted.map((spec) => again(() => reconcileStream(jsm, spec, log), log)));
  await Promise.all(consumers.map((spec) => again(() => reconcileConsumer(jsm, spec), log)));
}

/** Each attempt finds what the one before it has done. */
async function again<T>(attempt: () => Promise<T>, log: ReconcileOptions['log']): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !(error instanceof StreamsUnfit) || !mayPass(error.cause)) throw error;
      log.info({ event: 'nats-asked-again', error: error.message });
      await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 400));
    }
  }
}

const mayPass = (cause: unknown): boolean =>
  cause instanceof TimeoutError || (cause instanceof JetStreamApiError && cause.status === NO_LEADER);

async function reachJetStream(nc: NatsConnection, timeout: number): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(nc, { timeout });
  } catch (cause) {
    throw new StreamsUnfit(`NATS at ${nc.getServer()} runs without JetStream, or does not answer`, { cause });
  }
}

async function reconcileStream(jsm: JetStreamManager, spec: StreamSpec, log: Pick<Logger, 'info'>): Promise<void> {
  const { name } = spec;
  try {
    const present = await streamConfig(jsm, name);
    if (present === undefined) {
      await create(jsm, spec, log);
      return;
    }
    const fixed = FIXED.find((field) => spec[field] !== undefined && spec[field] !== present[field]);
    if (fixed !== undefined) {
      throw new StreamsUnfit(
        `Stream ${name} exists with ${fixed}=${present[fixed]}, Haat needs ${fixed}=${spec[fixed]}, and a stream cannot change it. ` +
          'It was not made by Haat, or by another version: use another NATS account or data folder.',
      );
    }
    const changed = different(spec, present);
    if (changed.length === 0) return;
    await jsm.streams.update(name, spec);
    log.info({ event: 'stream-updated', stream: name, changed });
  } catch (cause) {
    if (cause instanceof StreamsUnfit) throw cause;
    throw new StreamsUnfit(`Stream ${name} cannot be brought to what Haat needs: ${reason(cause)}`, { cause });
  }
}

async function streamConfig(jsm: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await jsm.streams.info(name)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}

async function create(jsm: JetStreamManager, spec: StreamSpec, log: Pick<Logger, 'info'>): Promise<void> {
  try {
    await jsm.streams.add(spec);
    log.info({ event: 'stream-created', stream: spec.name });
  } catch (error) {
    // Another node was first, with another version's settings.
    if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NAME_IN_USE) throw error;
    await jsm.streams.update(spec.name, spec);
  }
}

async function reconcileConsumer(jsm: JetStreamManager, { stream, ...config }: ConsumerSpec): Promise<void> {
  try {
    // Creates or updates; refused if that would change where the consumer stands.
    await jsm.consumers.add(stream, config as ConsumerConfig);
  } catch (cause) {
    throw new StreamsUnfit(
      `Consumer ${config.durable_name} of stream ${stream} cannot be brought to what Haat needs: ${reason(cause)}`,
      { cause },
    );
  }
}

/** The fields of `wanted` that `present` has otherwise. */
const different = (wanted: StreamSpec, present: StreamConfig): string[] =>
  (Object.keys(wanted) as (keyof StreamSpec & keyof StreamConfig)[]).filter(
    (field) => JSON.stringify(wanted[field]) !== JSON.stringify(present[field] ?? absent(wanted[field])),
  );

/** The server leaves out what is off. */
const absent = (wanted: unknown): unknown => (typeof wanted === 'boolean' ? false : undefined);

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
