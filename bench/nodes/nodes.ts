/**
 * Add-to-cart a second with one, two and four nodes that hold actors, each held to the same small share of a core, so
 * that what limits is the nodes and not the machine. And what customers notice while one joins and one leaves: the
 * longest answer, at a modest rate, counted from when each request was due.
 */
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
import { CartFiller } from '../carts/cart-filler.ts';
import type { Bench, Row, RunCase } from '../case.ts';
import { processesBelow } from '../cpu.ts';
import { Connection } from '../load/connection.ts';
import { closedLoop } from '../load/loops.ts';
import { type OpenShop, openShop } from '../orders/open-shop.ts';
import { cells, figure, type Spread, spreadOf } from '../suite/spread.ts';
import { type Change, underLoad } from './change.ts';
import { openQuotas, type Quotas } from './quota.ts';

/** Of a core. */
const SHARE = 0.08;
const COUNTS = [4, 2, 1] as const;
/** Adds a second while nodes come and go: a fraction of what one can do. */
const CALM = 400;
const CONNECTIONS = 128;
const SERVICE = actorService('cart');

export const nodes: RunCase = async (bench) => {
  const quotas = openQuotas();
  if (typeof quotas === 'string') {
    bench.say(`skipped: ${quotas}`);
    return { rows: [[`nodes: skipped, ${quotas}`]], figures: null };
  }
  const variables = { LAYOUT: 'apart', NODES: '1', SHEDDING: 'off' };
  const shop = await openShop({ dataDir: '.haat-bench/nodes', customers: 1, variables }, bench.say);
  const joined: RunningNode[] = [];
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(shop.system.api));
  const log = pino({ level: 'error' });
  const cluster = await joinCluster({ nodeId: 'bench', natsUrl: shop.system.natsUrl, log });
  try {
    const run = new NodesRun(bench, shop, connections, cluster, quotas, joined);
    return await run.all();
  } finally {
    for (const connection of connections) connection.close();
    for (const node of joined) await node.stop();
    await cluster.leave();
    await shop.close();
    quotas.close();
  }
};

class NodesRun {
  readonly #bench: Bench;
  readonly #shop: OpenShop;
  readonly #connections: readonly Connection[];
  readonly #cluster: Cluster;
  readonly #quotas: Quotas;
  readonly #joined: RunningNode[];
  readonly #filler: CartFiller;
  #started = 0;

  constructor(
    bench: Bench,
    shop: OpenShop,
    connections: readonly Connection[],
    cluster: Cluster,
    quotas: Quotas,
    joined: RunningNode[],
  ) {
    this.#bench = bench;
    this.#shop = shop;
    this.#connections = connections;
    this.#cluster = cluster;
    this.#quotas = quotas;
    this.#joined = joined;
    this.#filler = new CartFiller(shop);
  }

  async all(): ReturnType<RunCase> {
    // First nobody is held: what a change costs is not to be what cold code costs.
    await this.#adds(2);
    const changes: Change[] = [await this.#change('a second joins', () => this.#join())];
    await this.#join();
    changes.push(await this.#change('a fourth joins', () => this.#join()));
    changes.push(await this.#change('one of four leaves', () => this.#leave()));
    await this.#join();
    await this.#adds(this.#bench.quick ? 3 : 6);

    const first = processesBelow(this.#shop.pid).find(({ label }) => label === 'actors');
    if (first === undefined) throw new Error('no node holds actors');
    for (const pid of [first.pid, ...this.#joined.map((node) => node.pid)]) this.#quotas.hold(pid, SHARE);
    const rates: { nodes: number; rate: Spread }[] = [];
    for (const count of COUNTS) {
      while (this.#joined.length >= count) await this.#leave();
      rates.unshift({ nodes: count, rate: await this.#rate(count) });
    }
    const one = rates[0]?.rate.median ?? 1;
    return {
      rows: [
        [`nodes, each held to ${SHARE} of a core`, 'adds/s', 'runs', '× one node'],
        ...rates.map(({ nodes: n, rate }): Row => [`  ${n}`, ...cells(rate), figure(rate.median / one, 2)]),
        [`a node comes or goes, ${CALM} adds/s`, 'longest ms', 'before ms', 'partitions moved', 'least possible'],
        ...changes.map(
          ({ what, longestMs, quietMs, moved, least }): Row => [
            `  ${what}`,
            figure(longestMs),
            figure(quietMs),
            `${figure(moved * 100)} %`,
            `${figure(least * 100)} %`,
          ],
        ),
      ],
      figures: rates.map(({ nodes: n, rate }) => ({
        nodes: n,
        perSecond: rate.median,
        spread: [rate.low, rate.high],
        changes: changes.filter(({ nodes: of }) => of === n),
      })),
    };
  }

  async #adds(seconds: number): Promise<number> {
    let adds = 0;
    const tookMs = await closedLoop(this.#connections, seconds, async (connection) => {
      await this.#filler.add(connection);
      adds += 1;
    });
    return (adds * 1000) / tookMs;
  }

  async #rate(count: number): Promise<Spread> {
    const { quick, runs, say } = this.#bench;
    await this.#adds(1);
    const measured: number[] = [];
    for (let n = 1; n <= runs; n++) measured.push(await this.#adds(quick ? 3 : 8));
    const rate = spreadOf(measured);
    say(`${count} nodes: ${figure(rate.median)} adds/s`);
    return rate;
  }

  async #change(what: string, act: () => Promise<void>): Promise<Change> {
    const owners = (): readonly string[] => assign(this.#cluster.offering(SERVICE), PARTITIONS);
    const before = owners();
    const { longestMs, quietMs } = await underLoad(this.#connections, CALM, this.#filler, act);
    const after = owners();
    const moved = after.filter((owner, n) => owner !== before[n]).length / PARTITIONS;
    const most = Math.max(new Set(before).size, new Set(after).size);
    this.#bench.say(`${what}: longest answer ${figure(longestMs)} ms, before ${figure(quietMs)} ms`);
    return { what, nodes: most, longestMs, quietMs, moved, least: 1 / most };
  }

  /** Resolves when the news has come here, too. */
  async #seen(): Promise<void> {
    const expected = 1 + this.#joined.length;
    await eventually(() => this.#cluster.offering(SERVICE).length === expected, { withinMs: 20_000 });
  }

  async #leave(): Promise<void> {
    const node = this.#joined.pop();
    if (node === undefined) return;
    this.#quotas.free(node.pid);
    await node.stop();
    await this.#seen();
  }

  /** As `npm run node` does it. */
  async #join(): Promise<void> {
    const { dataDir, natsUrl, databaseUrl } = this.#shop.system;
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
}
