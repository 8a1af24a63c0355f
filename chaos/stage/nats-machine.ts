/** A nats-server as on a machine of its own: its configuration, started where it is told. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findNatsServer } from '../../brokers/launcher/servers/binaries.ts';
import { type RunningServer, startServer } from '../../brokers/launcher/servers/child.ts';
import { folders } from '../../config/env.ts';

export type NatsMachine = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** On the disk that may fail. */
  readonly storeDir: string;
  /** Configuration and log. */
  readonly dir: string;
  readonly syncInterval: string;
  readonly cluster?: { readonly port: number; readonly routes: readonly string[] };
  /** A command to run it by: in a network namespace. */
  readonly by?: readonly string[];
};

const configuration = ({ name, host, port, storeDir, syncInterval, cluster }: NatsMachine): string => `
server_name: ${name}
listen: "${host}:${port}"
max_payload: 8MB
max_pending: 128MB
# a link that is cut is noticed in seconds
ping_interval: "2s"
ping_max: 2
write_deadline: "3s"
jetstream {
  store_dir: ${JSON.stringify(storeDir)}
  max_file_store: 100GB
  sync_interval: "${syncInterval}"
}
${
  cluster === undefined
    ? ''
    : `cluster {
  name: haat-chaos
  listen: "${host}:${cluster.port}"
  routes: [${cluster.routes.map((route) => JSON.stringify(route)).join(', ')}]
  ping_interval: "2s"
}`
}
`;

let found: Promise<string> | undefined;

/** Three servers that start together must not fetch it three times into one folder. */
function natsServer(): Promise<string> {
  const { bin, path } = folders();
  found ??= findNatsServer({ bin, path }, () => undefined).then(({ binary }) => binary);
  return found.catch((error: unknown) => {
    found = undefined;
    throw error;
  });
}

export async function startNatsMachine(machine: NatsMachine): Promise<RunningServer> {
  const { name, host, port, dir, by = [] } = machine;
  const binary = await natsServer();
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'nats-server.conf');
  writeFileSync(config, configuration(machine));
  const [file = binary, ...args] = [...by, binary, '--config', config];
  return startServer({
    name,
    file,
    args,
    url: `nats://${host}:${port}`,
    port,
    cwd: dir,
    logFile: join(dir, 'nats-server.log'),
    stopSignal: 'SIGTERM',
    ready: () => opens(host, port),
    readyWithinMs: 30_000,
  });
}

const opens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    const done = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('data', () => done(true));
  });
