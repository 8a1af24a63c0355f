/**
 * Publishes the outbox to JetStream: at least once, none lost. Rows are deleted only after their ack, so a relay
 * that dies anywhere leaves them to the next one. One relay works at a time (an advisory lock, held by its
 * connection); others wait for their turn.
 *
 * The streams behind it keep one message a subject, and so does a batch: of several rows for one subject only the
 * last is published. All subjects of a batch differ, so they go out together, and the next batch only after all acks:
 * a subject's messages stay in order. After a crash the same rows may go out twice; `Nats-Msg-Id` drops the
 * repeat, and readers keep the higher `version` in any case.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import type { JetStreamPublisher } from '../nats/publisher.ts';
import { connectionConfig } from './pool.ts';

export type RelayOptions = {
  readonly databaseUrl: string;
  readonly publisher: Pick<JetStreamPublisher, 'publish'>;
  readonly log: Logger;
  /** Rows at a time. Default 1,000. */
  readonly batch?: number;
  /** Looks again after this time even if no notice came. Default 1,000 ms. */
  readonly pollMs?: number;
};

export type Relay = {
  /** Resolves when the batch at hand is done and the connection is closed. */
  stop(): Promise<void>;
};

type Row = { readonly id: number; readonly subject: string; readonly payload: string };

/** Any fixed number that is not the migrations'. */
const LOCK = 7_481_002;
const BACKOFF_MS = { first: 100, most: 5_000 };

export function startRelay(options: RelayOptions): Relay {
  const stopping = new AbortController();
  const running = run(options, stopping.signal);
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/** One connection after another, until told to stop. Never rejects. */
async function run(options: RelayOptions, signal: AbortSignal): Promise<void> {
  let backoff = BACKOFF_MS.first;
  while (!signal.aborted) {
    const startedAt = Date.now();
    try {
      await withConnection(options, signal);
    } catch (error) {
      options.log.warn({ event: 'relay-interrupted', error: error instanceof Error ? error.message : String(error) });
      if (Date.now() - startedAt > BACKOFF_MS.most) backoff = BACKOFF_MS.first;
      await pause(backoff * (0.5 + Math.random()), signal);
      backoff = Math.min(backoff * 2, BACKOFF_MS.most);
    }
  }
}

async function withConnection(options: RelayOptions, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({
    ...connectionConfig(options.databaseUrl, 'haat-relay'),
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  const wake = new Wake();
  let lost: Error | undefined;
  client.on('error', (error) => {
    lost = error;
    wake.ring();
  });
  client.on('notification', () => wake.ring());
  const onAbort = (): void => wake.ring();
  signal.addEventListener('abort', onAbort);
  try {
    await client.connect();
    await client.query('listen outbox');
    let leading = false;
    while (!signal.aborted) {
      if (lost !== undefined) throw lost;
      leading ||= await takeLead(client, options.log);
      const outcome = leading ? await publishBatch(client, options) : 'empty';
      if (outcome === 'more') continue;
      // Some were not stored: they stay first in line, and are not asked for in a tight loop.
      if (outcome === 'failed') await pause(BACKOFF_MS.first * (1 + Math.random() * 4), signal);
      else await wake.wait(options.pollMs ?? 1_000);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    // A connection that broke has nothing left to end.
    await client.end().catch(() => {});
  }
}

async function takeLead(client: pg.Client, log: Logger): Promise<boolean> {
  const { rows } = await client.query<{ leading: boolean }>('select pg_try_advisory_lock($1) as leading', [LOCK]);
  const leading = rows[0]?.leading === true;
  if (leading) log.info({ event: 'relay-leading' });
  return leading;
}

async function publishBatch(client: pg.Client, options: RelayOptions): Promise<'empty' | 'more' | 'failed'> {
  const size = options.batch ?? 1_000;
  const { rows } = await client.query<Row>(
    'select id, subject, payload::text as payload from outbox order by id limit $1',
    [size],
  );
  if (rows.length === 0) return 'empty';
  const last = new Map<string, { row: Row; ids: number[] }>();
  for (const row of rows) {
    const ids = last.get(row.subject)?.ids ?? [];
    ids.push(row.id);
    last.set(row.subject, { row, ids });
  }
  const done: number[] = [];
  let failed: { subject: string; reason: string } | undefined;
  await Promise.all(
    Array.from(last.values(), async ({ row, ids }) => {
      const result = await options.publisher.publish(row.subject, row.payload, {
        'Nats-Msg-Id': `${row.subject}:${row.id}`,
      });
      if (result.outcome === 'stored') done.push(...ids);
      else
        failed = {
          subject: row.subject,
          reason: result.outcome === 'refused' ? result.description : String(result.cause),
        };
    }),
  );
  if (done.length > 0) await client.query('delete from outbox where id = any($1::bigint[])', [done]);
  if (failed === undefined) return rows.length < size ? 'empty' : 'more';
  options.log.warn({ event: 'relay-publish-failed', ...failed, unpublished: rows.length - done.length });
  return 'failed';
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Rejects only when told to stop, which the caller's loop looks at.
  await delay(ms, undefined, { signal }).catch(() => {});
}

/** Rung before it is waited for, it does not wait: a notice between two looks is not missed. */
class Wake {
  #rung = false;
  #waiting: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#waiting?.();
  }

  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rung = false;
    this.#waiting = undefined;
  }
}
