/**
 * Idempotency-Keys in the bucket `idempotency` (24 h). Two records of a key follow one another: running (with a
 * lease), then done (with the answer). Every step is a compare-and-set on the key's last sequence, so of concurrent
 * duplicates exactly one goes on, and a run whose lease was taken over cannot complete it.
 *
 * The bucket is a clock of its own: a lease is counted from when the server stored the record.
 */
import { hash } from 'node:crypto';
import type { Instant } from '../../actors/ids.ts';
import { randomHex } from '../../config/random-hex.ts';
import { subjects } from '../../config/subjects.ts';
import type { EventLog, LogMessage } from '../event-log.ts';
import type { Claim, IdempotencyStore, StoredAnswer } from '../idempotency.ts';
import { KvUnavailable } from './unavailable.ts';

const BUCKET = 'idempotency';
const STREAM = `KV_${BUCKET}`;

export type IdempotencyOptions = {
  readonly log: EventLog;
  readonly clock: () => Instant;
  /**
   * How long a run has before another may take over: longer than a request lives (a checkout gives up after 8 s), and
   * no longer than a client of a gateway that died goes on asking. A run that is alive after all is not hurt: with the
   * same seed both send the same commands, and each has its effect once. Default 10 s.
   */
  readonly leaseMs?: number;
};

type Stored = { readonly fingerprint: string; readonly seed: string; readonly at: Instant } & (
  | { readonly state: 'running' }
  /** Its run has given up: free for the next. */
  | { readonly state: 'abandoned' }
  | { readonly state: 'done'; readonly answer: StoredAnswer }
);
type Record = { readonly stored: Stored; readonly sequence: number; readonly storedAt: Instant };

/** Races lost before the caller is told to come back. */
const ATTEMPTS = 4;

export function createIdempotencyStore({ log, clock, leaseMs = 10_000 }: IdempotencyOptions): IdempotencyStore {
  return {
    async claim(scope, key, fingerprint) {
      const subject = subjects.kv(BUCKET, keyOf(scope, key));
      // A new key is what nearly all are: written without a look.
      const fresh: Stored = { state: 'running', fingerprint, seed: randomHex(16), at: clock() };
      const first = await write(log, subject, fresh, 0);
      if (first !== 'conflict') return claimed(subject, fresh, first, true);
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const record = await read(log, subject);
        const stored = record?.stored ?? fresh;
        const taken = verdict(record, fingerprint);
        if (taken !== undefined) return taken;
        // Gone with its 24 hours, abandoned, or its run is dead: ours, if we are the first to say so.
        const mine: Stored = { state: 'running', fingerprint, seed: stored.seed, at: stored.at };
        const sequence = await write(log, subject, mine, record?.sequence ?? 0);
        if (sequence !== 'conflict') return claimed(subject, mine, sequence, false);
      }
      return { state: 'running' };
    },
  };

  function verdict(record: Record | undefined, fingerprint: string): Claim | undefined {
    if (record === undefined) return undefined;
    const { stored, storedAt } = record;
    if (stored.fingerprint !== fingerprint) return { state: 'other-payload' };
    if (stored.state === 'done') return { state: 'done', answer: stored.answer };
    if (stored.state === 'running' && clock() - storedAt < leaseMs) return { state: 'running' };
    return undefined;
  }

  function claimed(subject: string, stored: Stored, sequence: number, isFresh: boolean): Claim {
    const { seed, at, fingerprint } = stored;
    const end = async (last: Stored): Promise<void> => {
      // A conflict: taken over meanwhile. The taker repeats the same commands and comes to the same answer.
      await write(log, subject, last, sequence);
    };
    return {
      state: 'claimed',
      seed,
      at,
      fresh: isFresh,
      complete: (answer) => end({ state: 'done', fingerprint, seed, at, answer }),
      abandon: () => end({ state: 'abandoned', fingerprint, seed, at }),
    };
  }
}

/** Keys are the clients' and may be anything; a hash is one subject token, and does not tell whose it is. */
const keyOf = (scope: string, key: string): string => hash('sha256', `${scope}\0${key}`, 'base64url');

async function write(log: EventLog, subject: string, stored: Stored, expected: number): Promise<number | 'conflict'> {
  const result = await log.append(STREAM, subject, JSON.stringify(stored), expected);
  if (result.outcome === 'appended') return result.sequence;
  if (result.outcome === 'conflict') return 'conflict';
  throw new KvUnavailable('idempotency key', undefined, { cause: result.cause });
}

async function read(log: EventLog, subject: string): Promise<Record | undefined> {
  let message: LogMessage | undefined;
  try {
    // From the leader: after a lost race a replica may not have the winner's record yet.
    message = await log.last(STREAM, subject, { fromLeader: true });
  } catch (cause) {
    throw new KvUnavailable('idempotency key', undefined, { cause });
  }
  if (message === undefined) return undefined;
  const stored: Stored = JSON.parse(Buffer.from(message.data).toString());
  return { stored, sequence: message.sequence, storedAt: message.time };
}
