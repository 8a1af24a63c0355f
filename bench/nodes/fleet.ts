/** Nodes that hold carts, beside the one that the system began with: they join and leave as `npm run node` does. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { eventually } from '../../brokers/launcher/eventually.ts';
import { type RunningNode, startNodeProcess } from '../../brokers/launcher/node-process.ts';
import { lastRun } from '../../brokers/launcher/run-file.ts';
import { type Cluster, joinCluster } from '../../brokers/rpc/cluster.ts';
import { actorService } from '../../brokers/rpc/placement.ts';
import { assign } from '../../brokers/rpc/rendezvous.ts';
import { inherited } from '../../config/env.ts';
import { PARTITIONS } from '../../config/subjects.ts';
import type { System } from '../system.ts';

const SERVICE = actorService('cart');
const NEWS_WITHIN_MS = 20_000;

export class Fleet {
  readonly #system: System;
  /** Sees who is there, as every node does; holds nothing. */
  readonly #cluster: Cluster;
  readonly #joined: RunningNode[] = [];
  #started = 0;

  private constructor(system: System, cluster: Cluster) {
    this.#system = system;
    this.#cluster = cluster;
  }

  static async of(system: System): Promise<Fleet> {
    const log = pino({ level: 'error' });
    return new Fleet(system, await joinCluster({ nodeId: 'bench', natsUrl: system.natsUrl, log }));
  }

  get joined(): readonly RunningNode[] {
    return this.#joined;
  }

  /** The owner of each partition. */
  owners(): readonly string[] {
    return assign(this.#cluster.offering(SERVICE), PARTITIONS);
  }

  /** The largest share of partitions on one node: in a closed loop all wait for it in the end. */
  fullest(): number {
    const counts = new Map<string, number>();
    for (const owner of this.owners()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    return Math.max(...counts.values()) / PARTITIONS;
  }

  async join(): Promise<void> {
    const { dataDir, natsUrl, databaseUrl } = this.#system;
    const logs = join(dataDir, 'logs');
    mkdirSync(logs, { recursive: true });
    const name = `joined-${++this.#started}`;
    const node = await startNodeProcess({
      name,
      roles: ['cart'],
      dataDir,
      logFile: join(logs, `${name}.log`),
      env: {
        ...inherited(),
        DATA_DIR: dataDir,
        LOG_LEVEL: 'warn',
        NATS_URL: natsUrl,
        DATABASE_URL: databaseUrl,
        REDIS_URL: lastRun(dataDir)?.servers.REDIS_URL ?? '',
      },
    });
    this.#joined.push(node);
    await this.#seen();
  }

  /** The last that joined. `before`: is told its pid. */
  async leave(before?: (pid: number) => void): Promise<void> {
    const node = this.#joined.pop();
    if (node === undefined) return;
    before?.(node.pid);
    await node.stop();
    await this.#seen();
  }

  async stop(): Promise<void> {
    for (const node of this.#joined.splice(0)) await node.stop();
    await this.#cluster.leave();
  }

  /** Resolves when the news has come here, too. */
  async #seen(): Promise<void> {
    const expected = 1 + this.#joined.length;
    await eventually(() => this.#cluster.offering(SERVICE).length === expected, { withinMs: NEWS_WITHIN_MS });
  }
}
