/** A nats-server alone, with an event log on it: for what is measured without the rest, or made beforehand. */
import type { NatsConnection } from '@nats-io/nats-core';
import { pino } from 'pino';
import { findNatsServer } from '../../brokers/launcher/servers/binaries.ts';
import { startNats } from '../../brokers/launcher/servers/nats.ts';
import { folders } from '../../config/env.ts';
import { reconcileStreams } from '../../config/nats/reconcile.ts';
import type { EventLog } from '../../stores/event-log.ts';
import { connectNats } from '../../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../../stores/nats/jetstream-event-log.ts';

export type LogServer = {
  readonly url: string;
  readonly pid: number;
  readonly nc: NatsConnection;
  readonly log: EventLog;
  stop(): Promise<void>;
};

/** With all streams as declared. `dir`: the server's folder, such as `<data folder>/nats`. */
export async function startLogServer(
  dir: string,
  say: (text: string) => void,
  syncInterval?: string,
): Promise<LogServer> {
  const { binary } = await findNatsServer(folders(), say);
  const server = await startNats({ binary, dir, ...(syncInterval === undefined ? {} : { syncInterval }) });
  try {
    const logger = pino({ level: 'error' });
    const nc = await connectNats(server.url, { name: 'haat-bench', log: logger });
    await reconcileStreams(nc, { replicas: 1, log: logger });
    const log = createJetStreamEventLog(nc);
    const stop = async (): Promise<void> => {
      await log.close();
      await nc.close();
      await server.stop();
    };
    return { url: server.url, pid: server.pid, nc, log, stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
