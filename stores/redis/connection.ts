/** Redis as it is used here: it may be away, and nobody waits for it. Commands fail at once instead of queueing up. */
import { Redis } from 'ioredis';
import type { Logger } from 'pino';

export type RedisOptions = {
  readonly url: string;
  /** Shown in CLIENT LIST. */
  readonly name: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
};

const RECONNECT_MS = { least: 100, most: 2_000 };

/** Connects in the background, for ever. Never rejects; a command without a connection does. */
export function connectRedis({ url, name, log }: RedisOptions): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    commandTimeout: 500,
    retryStrategy: (tries) => Math.min(RECONNECT_MS.least * 2 ** tries, RECONNECT_MS.most) * (0.5 + Math.random()),
  });
  let told = false;
  // Unhandled, this event would end the process; told once per loss, not once per attempt.
  redis.on('error', (error: Error) => {
    if (!told) log.warn({ event: 'redis-lost', error: error.message });
    told = true;
  });
  redis.on('ready', () => {
    if (told) log.info({ event: 'redis-back' });
    told = false;
  });
  return redis;
}
