/**
 * The port to the record of everything that happened. One adapter: JetStream (stores/nats/). The testing kit has
 * an in-memory one with faults; both pass the same conformance suite.
 */
export type AppendResult =
  /** Durable, as far as the stream's settings promise. */
  | { readonly outcome: 'appended'; readonly sequence: number }
  /** Somebody else has written to this subject: error 10071 or 10164. */
  | { readonly outcome: 'conflict' }
  /** No answer in time, or the connection went: it may or may not be stored. Read the log to know. */
  | { readonly outcome: 'unknown'; readonly cause: unknown };

export type LogMessage = {
  readonly subject: string;
  readonly sequence: number;
  /** When the server stored it, epoch ms. */
  readonly time: number;
  readonly data: Uint8Array;
  readonly header: (name: string) => string | undefined;
};

export type EventLog = {
  /** Bytes of one message at most, headers included. Absent: no such bound. */
  readonly maxMessageBytes?: number;
  /** `expected`: the subject's last sequence that the writer has seen, 0 for none. Never rejects. */
  append(
    stream: string,
    subject: string,
    data: Uint8Array | string,
    expected: number,
    headers?: Readonly<Record<string, string>>,
  ): Promise<AppendResult>;
  /** The subject's last message. `fromLeader`: not from a replica that may lag (after a conflict). */
  last(stream: string, subject: string, options?: { fromLeader?: boolean }): Promise<LogMessage | undefined>;
  /**
   * The subject's messages from `sequence` on, in order, by one batched direct read (no consumer is made); those below
   * `before`, if it is given.
   */
  read(stream: string, subject: string, fromSequence: number, before?: number): Promise<readonly LogMessage[]>;
  close(): Promise<void>;
};
