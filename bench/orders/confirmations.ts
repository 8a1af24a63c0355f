/**
 * Which orders are confirmed, as the ORDER stream says: what is in it is durable. A push consumer without acks costs the
 * system less than a customer's own question would.
 */
import { AckPolicy, DeliverPolicy, jetstreamManager } from '@nats-io/jetstream';
import { createInbox, type NatsConnection } from '@nats-io/nats-core';
import type { Client } from 'pg';
import { streamOf } from '../../config/subjects.ts';

const CONFIRMED = Buffer.from('"type":"OrderConfirmed"');
const IN_POSTGRES_WITHIN_MS = 60_000;

export class Confirmations {
  readonly #waiting = new Map<string, () => void>();
  readonly #confirmed = new Set<string>();
  /** Not in PostgreSQL yet, as far as we know. */
  #unseen: string[] = [];
  readonly #stop: () => void;

  private constructor(nc: NatsConnection, inbox: string) {
    const subscription = nc.subscribe(inbox, {
      callback: (_error, { data, subject }) => {
        const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
        if (bytes.includes(CONFIRMED)) this.#see(subject.slice(subject.lastIndexOf('.') + 1));
      },
    });
    this.#stop = () => subscription.unsubscribe();
  }

  static async follow(nc: NatsConnection): Promise<Confirmations> {
    const inbox = createInbox();
    const confirmations = new Confirmations(nc, inbox);
    const { consumers } = await jetstreamManager(nc);
    await consumers.add(streamOf('order'), {
      deliver_subject: inbox,
      deliver_policy: DeliverPolicy.New,
      ack_policy: AckPolicy.None,
      mem_storage: true,
      num_replicas: 1,
    });
    return confirmations;
  }

  get count(): number {
    return this.#confirmed.size;
  }

  of(orderId: string): Promise<void> {
    if (this.#confirmed.has(orderId)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(orderId, resolve));
  }

  /** Resolves once PostgreSQL shows all that were confirmed since it was last asked. */
  async inPostgres(database: Client): Promise<void> {
    let missing = this.#unseen;
    this.#unseen = [];
    const end = performance.now() + IN_POSTGRES_WITHIN_MS;
    while (missing.length > 0) {
      if (performance.now() > end) throw new Error(`${missing.length} confirmed orders are not in PostgreSQL`);
      const { rows } = await database.query<{ id: string }>(
        "select id from orders where id = any($1::text[]) and status = 'CONFIRMED'",
        [missing],
      );
      const there = new Set(rows.map(({ id }) => id));
      missing = missing.filter((id) => !there.has(id));
      if (missing.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  stop(): void {
    this.#stop();
  }

  #see(orderId: string): void {
    // A snapshot, or a repeat, may name the event again.
    if (this.#confirmed.has(orderId)) return;
    this.#confirmed.add(orderId);
    this.#unseen.push(orderId);
    this.#waiting.get(orderId)?.();
    this.#waiting.delete(orderId);
  }
}
