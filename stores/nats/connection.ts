/**
 * A connection that is kept for the life of a process: named, and reconnecting for ever with jitter, because a
 * node that gave up on NATS would have to be restarted by hand.
 */
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { gatherWrites } from './gather-writes.ts';

export type ConnectNatsOptions = {
  /** Shown in the server's connection list: `<node id>` or the tool's name. */
  readonly name: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly user?: string;
  readonly pass?: string;
  /** For the first connection, ms; it rejects after that. Default 10,000. */
  readonly timeoutMs?: number;
};

const RECONNECT_MIN_MS = 100;
const RECONNECT_SPREAD_MS = 400;

export async function connectNats(
  urls: string | readonly string[],
  options: ConnectNatsOptions,
): Promise<NatsConnection> {
  const { name, log, user, pass, timeoutMs = 10_000 } = options;
  const servers = typeof urls === 'string' ? urls.split(',') : [...urls];
  const connection = await connect({
    servers,
    name,
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    // So that a cluster's clients do not all come back in the same instant.
    reconnectDelayHandler: () => RECONNECT_MIN_MS + Math.random() * RECONNECT_SPREAD_MS,
    // A dead peer is noticed after 2 × 5 s even if its socket stays open.
    pingInterval: 5_000,
    maxPingOut: 2,
    // A stack trace for each call costs more than the call.
    noAsyncTraces: true,
    ...(user === undefined ? {} : { user }),
    ...(pass === undefined ? {} : { pass }),
  });
  gatherWrites(connection);
  void logStatus(connection, name, log);
  return connection;
}

async function logStatus(connection: NatsConnection, name: string, log: ConnectNatsOptions['log']): Promise<void> {
  for await (const status of connection.status()) {
    switch (status.type) {
      case 'disconnect':
        log.warn({ event: 'nats-disconnected', name, server: status.server });
        break;
      case 'reconnect':
        log.info({ event: 'nats-reconnected', name, server: status.server });
        break;
      case 'error':
        log.error({ event: 'nats-error', name, err: status.error });
        break;
      default:
        break;
    }
  }
  log.info({ event: 'nats-closed', name });
}
