/**
 * What gateways tell each other of their sightings, once a second and never while a request waits: a Redis stream of
 * batches, read from where the last round ended. A gateway that starts anew reads what is still there, and so remembers.
 * Losing Redis costs what others saw.
 */
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Sightings } from './sightings.ts';

const STREAM = 'haat:sightings';
const EVERY_MS = 1_000;
/** In one batch, and batches kept and read at most. */
const MOST = { sightings: 2_000, kept: 2_000, read: 200 } as const;

const batch = z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])).readonly();

type Parts = { readonly sightings: Sightings; readonly redis: Redis; readonly log: Pick<Logger, 'info' | 'warn'> };

/** Returns how to end it. */
export function startSharing({ sightings, redis, log }: Parts): () => void {
  let last = '0';
  let running = false;
  let reachable = true;
  const round = async (): Promise<void> => {
    if (running) return;
    running = true;
    try {
      last = await share(sightings, redis, last);
      if (!reachable) log.info({ event: 'sightings-shared-again' });
      reachable = true;
    } catch (error) {
      if (reachable) log.warn({ event: 'sightings-not-shared', error: String(error) });
      reachable = false;
    } finally {
      running = false;
    }
  };
  const timer = setInterval(() => void round(), EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** One round; resolves with where the next begins. What cannot be told now is told with what changes next. */
export async function share(sightings: Sightings, redis: Redis, last: string): Promise<string> {
  const told = sightings.drain(MOST.sightings);
  if (told.length > 0) {
    await redis.xadd(STREAM, 'MAXLEN', '~', MOST.kept, '*', 'seen', JSON.stringify(told));
  }
  const answer = await redis.xread('COUNT', MOST.read, 'STREAMS', STREAM, last);
  let read = last;
  for (const [id, [, json]] of answer?.[0]?.[1] ?? []) {
    read = id;
    const seen = batch.safeParse(parsed(json));
    if (seen.success) sightings.merge(seen.data);
  }
  return read;
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}
