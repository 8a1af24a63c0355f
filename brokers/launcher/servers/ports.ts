import { createServer } from 'node:net';

export const LOOPBACK = '127.0.0.1';

const tryListen = (port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(taken));
    });
  });

export const isPortFree = (port: number, host: string = LOOPBACK): Promise<boolean> =>
  tryListen(port, host).then(
    () => true,
    () => false,
  );

/**
 * A free port, `preferred` if that one is. Somebody may take it before it is used: whoever starts a server on it
 * treats "address in use" as a reason to ask again.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred;
  return tryListen(0, LOOPBACK);
}

/** Different ones. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
