/**
 * How many connections are open at a time. Beyond it a new one is closed at once: were there no bound, connections would
 * take the last of the open files that the process may have, and with them the ways to NATS and to the databases.
 */
import type { Server } from 'node:net';
import type { Logger } from 'pino';
import { z } from 'zod';

const report = z.object({ userLimits: z.object({ open_files: z.object({ soft: z.coerce.number() }) }) });

/** For servers' connections, logs and what else a node opens. */
const RESERVED_FILES = 512;
/** While it lasts, told this often. */
const TELL_MS = 10_000;

/** What the operating system allows this process, less a reserve; undefined where it sets no limit, or does not tell. */
export function connectionsAllowed(): number | undefined {
  const files = report.safeParse(process.report.getReport()).data?.userLimits.open_files.soft;
  return files === undefined || !Number.isFinite(files) ? undefined : Math.max(64, files - RESERVED_FILES);
}

export function boundConnections(server: Server, most: number, onRefused: () => void, log: Logger): void {
  server.maxConnections = most;
  let toldAt = Number.NEGATIVE_INFINITY;
  let refused = 0;
  server.on('drop', () => {
    onRefused();
    refused += 1;
    if (performance.now() - toldAt < TELL_MS) return;
    toldAt = performance.now();
    log.warn({ event: 'connections-full', most, refused });
    refused = 0;
  });
}
