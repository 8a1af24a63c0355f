/**
 * The last document of each subject of a state stream (CATALOGUE, ACCOUNTS), held in memory: read once by direct
 * get, then kept current by the messages themselves as they are published. No database, no consumer.
 *
 * Messages repeat and may overtake a read, so a document only ever gives way to a newer version. A connection that
 * was away may have missed some: everything is forgotten then, and read again as it is asked for.
 */
import type { NatsConnection, Subscription } from '@nats-io/nats-core';
import type { Logger } from 'pino';
import type { EventLog } from './event-log.ts';
import { Lru } from './lru.ts';

export type Versioned = { readonly version: number };

export type LastDocumentsOptions<T extends Versioned> = {
  readonly log: Logger;
  readonly eventLog: Pick<EventLog, 'last'>;
  readonly nats: NatsConnection;
  readonly stream: string;
  /** With the key for the last token; `*` as the key subscribes to all. */
  readonly subject: (key: string) => string;
  readonly keyOf: (document: T) => string;
  /** Documents held at most. */
  readonly capacity: number;
  /** How long "there is none" is believed; a published document ends it at once. Default 5,000 ms. */
  readonly absenceMs?: number;
};

type Entry<T> = { readonly document: T } | { readonly absentUntil: number };

export class LastDocuments<T extends Versioned> {
  readonly #options: LastDocumentsOptions<T>;
  readonly #entries: Lru<string, Entry<T>>;
  readonly #reads = new Map<string, Promise<T | undefined>>();
  readonly #subscription: Subscription;
  /** Counts the times everything was forgotten: a read that began before must not fill in what it found. */
  #epoch = 0;
  #stopped = false;

  constructor(options: LastDocumentsOptions<T>) {
    this.#options = options;
    this.#entries = new Lru(options.capacity);
    this.#subscription = options.nats.subscribe(options.subject('*'), {
      callback: (error, message) => {
        if (error === null) this.#take(message.data);
      },
    });
    void this.#watchConnection();
  }

  /** Rejects when neither memory nor the stream can tell. */
  find(key: string): Promise<T | undefined> {
    const entry = this.#entries.get(key);
    if (entry !== undefined && 'document' in entry) return Promise.resolve(entry.document);
    if (entry !== undefined && entry.absentUntil > Date.now()) return Promise.resolve(undefined);
    return this.#reads.get(key) ?? this.#read(key);
  }

  /** Puts in what is known from elsewhere (an own write), unless something newer is there. Returns what is there. */
  remember(document: T): T {
    const key = this.#options.keyOf(document);
    const entry = this.#entries.get(key);
    if (entry !== undefined && 'document' in entry && entry.document.version >= document.version) return entry.document;
    this.#entries.set(key, { document });
    return document;
  }

  stop(): void {
    this.#stopped = true;
    this.#subscription.unsubscribe();
    this.#forget();
  }

  /** One read for all that ask at the same time. */
  #read(key: string): Promise<T | undefined> {
    const read = this.#load(key).finally(() => this.#reads.delete(key));
    this.#reads.set(key, read);
    return read;
  }

  async #load(key: string): Promise<T | undefined> {
    const epoch = this.#epoch;
    const { eventLog, stream, subject, absenceMs = 5_000 } = this.#options;
    const message = await eventLog.last(stream, subject(key));
    const document = message === undefined ? undefined : this.#parse(message.data);
    if (epoch !== this.#epoch || this.#stopped) return document;
    if (document !== undefined) return this.remember(document);
    // A message may have come in meanwhile.
    const entry = this.#entries.get(key);
    if (entry !== undefined && 'document' in entry) return entry.document;
    this.#entries.set(key, { absentUntil: Date.now() + absenceMs });
    return undefined;
  }

  #take(data: Uint8Array): void {
    const document = this.#parse(data);
    if (document !== undefined) this.remember(document);
  }

  /** Only Haat writes these streams; a body that is not JSON is reported and counts as absent. */
  #parse(data: Uint8Array): T | undefined {
    try {
      return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as T;
    } catch (cause) {
      this.#options.log.error({ event: 'document-unreadable', stream: this.#options.stream, error: String(cause) });
      return undefined;
    }
  }

  #forget(): void {
    this.#epoch += 1;
    this.#entries.clear();
  }

  async #watchConnection(): Promise<void> {
    for await (const status of this.#options.nats.status()) {
      if (this.#stopped) return;
      if (status.type === 'disconnect' || status.type === 'reconnect') this.#forget();
    }
  }
}
