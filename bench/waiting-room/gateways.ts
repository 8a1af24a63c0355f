/**
 * As many gateways as the crowd needs: a process may have so many files open, and every stream is one. The first is the
 * system's own; the others join it as `npm run node -- --roles gateway` does, each on a port of its own.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningNode, startNodeProcess } from '../../brokers/launcher/node-process.ts';
import { lastRun } from '../../brokers/launcher/run-file.ts';
import { freePort } from '../../brokers/launcher/servers/ports.ts';
import { inherited } from '../../config/env.ts';
import { connectionsAllowed } from '../../gateway/http/connections.ts';
import type { System } from '../system.ts';
import { gatewayBelow } from './behind.ts';

/** Also where more could be open, so that the figures of two machines are of the same thing. */
const EACH = { full: 16_000, quick: 5_000 };
/** Of what a process may have open: the rest is for who comes while others are still leaving. */
const SHARE = 0.9;
const MOST_GATEWAYS = 8;
/** Fewer would show nothing. */
const LEAST_PEOPLE = 1_000;

export type Sizes = { readonly people: number; readonly gateways: number; readonly each: number };

/** Or why it cannot be measured here. */
export function sizesFor(wanted: number, quick: boolean): Sizes | string {
  const allowed = connectionsAllowed() ?? Number.POSITIVE_INFINITY;
  const most = Math.min(quick ? EACH.quick : EACH.full, Math.floor(allowed * SHARE));
  const people = Math.min(wanted, most * MOST_GATEWAYS);
  if (people < LEAST_PEOPLE) {
    return `${MOST_GATEWAYS} gateways would hold ${people} who wait: too few files may be open (ulimit -n)`;
  }
  const gateways = Math.ceil(people / most);
  return { people, gateways, each: Math.ceil(people / gateways) };
}

export class Gateways {
  readonly apis: readonly string[];
  readonly pids: readonly number[];
  /** Of those that the launcher does not know. */
  readonly joined: readonly number[];
  readonly #joined: readonly RunningNode[];

  private constructor(own: { api: string; pid: number }, joined: readonly { api: string; node: RunningNode }[]) {
    this.apis = [own.api, ...joined.map(({ api }) => api)];
    this.joined = joined.map(({ node }) => node.pid);
    this.pids = [own.pid, ...this.joined];
    this.#joined = joined.map(({ node }) => node);
  }

  static async of(system: System, count: number, variables: Readonly<Record<string, string>>): Promise<Gateways> {
    const { dataDir } = system;
    const run = lastRun(dataDir);
    const logs = join(dataDir, 'logs');
    mkdirSync(logs, { recursive: true });
    const joined: { api: string; node: RunningNode }[] = [];
    try {
      while (joined.length < count - 1) {
        const port = await freePort();
        const name = `gateway-${joined.length + 2}`;
        const env = { ...inherited(), ...variables, ...run?.servers, DATA_DIR: dataDir, PORT: String(port) };
        const logFile = join(logs, `${name}.log`);
        const node = await startNodeProcess({ name, roles: ['gateway'], dataDir, logFile, env });
        joined.push({ api: `http://localhost:${port}`, node });
      }
      return new Gateways({ api: system.api, pid: gatewayBelow(run?.pid ?? 0) }, joined);
    } catch (error) {
      await Promise.all(joined.map(({ node }) => node.stop()));
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#joined.map((node) => node.stop()));
  }
}
