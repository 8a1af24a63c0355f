/** A thin JetStream publisher. Skeleton: the signatures that others build on. */
import type { NatsConnection } from '@nats-io/nats-core';

export type PublishResult =
  | { readonly outcome: 'stored'; readonly sequence: number; readonly duplicate: boolean }
  /** The server said no (a JetStream err_code, e.g. 10071 wrong last sequence); it is not stored. */
  | { readonly outcome: 'refused'; readonly code: number; readonly description: string }
  /** No answer in time, nobody listening, or the connection went: stored or not, nobody knows. */
  | { readonly outcome: 'unknown'; readonly cause: unknown };

/** Never rejects. Waits for a free place when too many are in flight. */
export type JetStreamPublisher = {
  publish(
    subject: string,
    data: Uint8Array | string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<PublishResult>;
  close(): void;
};

export type PublisherOptions = {
  /** Default 5,000. */
  readonly timeoutMs?: number;
  /** Messages in flight at most. Default 4,096. */
  readonly inFlight?: number;
};

export declare function createPublisher(nc: NatsConnection, options?: PublisherOptions): JetStreamPublisher;
