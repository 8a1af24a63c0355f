import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type RunningServer, ServerFailed, startServer } from './child.ts';
import { freePort, LOOPBACK } from './ports.ts';

export type NatsOptions = {
  readonly binary: string;
  /** Its folder: configuration, JetStream store, log. */
  readonly dir: string;
  readonly port?: number;
  /** How long an acknowledged write may be in the page cache only; `always` = fsync before the ack. */
  readonly syncInterval?: string;
  /** One of several that keep copies of each other's streams. */
  readonly cluster?: NatsCluster;
};

export type NatsCluster = {
  /** Unique among its servers. */
  readonly serverName: string;
  /** Where the others reach this one. */
  readonly routePort: number;
  /** Of all its servers; this one's own does no harm. */
  readonly routePorts: readonly number[];
};

/** Loopback only, hence without credentials: whoever can connect can read the store's files as well. */
const configuration = ({ dir, syncInterval = '2m', cluster }: NatsOptions, port: number): string => `
server_name: ${cluster?.serverName ?? 'haat'}
listen: "${LOOPBACK}:${port}"
# a snapshot of a hot SKU with thousands of holds is larger than the default of 1 MB
max_payload: 8MB
max_pending: 128MB
jetstream {
  store_dir: ${JSON.stringify(join(dir, 'store'))}
  max_file_store: 100GB
  sync_interval: "${syncInterval}"
}
${cluster === undefined ? '' : routesOf(cluster)}`;

const routesOf = ({ routePort, routePorts }: NatsCluster): string => `cluster {
  name: haat
  listen: "${LOOPBACK}:${routePort}"
  routes: [${routePorts.map((port) => `"nats://${LOOPBACK}:${port}"`).join(', ')}]
}
`;

export async function startNats(options: NatsOptions): Promise<RunningServer> {
  mkdirSync(options.dir, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const config = join(options.dir, 'nats-server.conf');
    writeFileSync(config, configuration(options, port));
    try {
      return await startServer({
        name: 'nats-server',
        file: options.binary,
        args: ['--config', config],
        url: `nats://${LOOPBACK}:${port}`,
        port,
        cwd: options.dir,
        logFile: join(options.dir, 'nats-server.log'),
        stopSignal: 'SIGTERM',
        ready: () => answersPing(port),
        // A large store is recovered before the port opens.
        readyWithinMs: 60_000,
      });
    } catch (error) {
      const taken = error instanceof ServerFailed && error.code === 'port-in-use';
      if (!taken || options.port !== undefined || attempt === 5) throw error;
    }
  }
}

/** The handshake by hand: a client library would be slower to load than the server is to start. */
const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK });
    const done = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    let received = '';
    socket.setTimeout(1_000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write('CONNECT {"verbose":false}\r\nPING\r\n'));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (received.includes('PONG')) done(received.includes('"jetstream":true'));
    });
  });
