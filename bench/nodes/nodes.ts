/**
 * Add-to-cart a second with one, two and four nodes that hold actors, each held to the same small share of a core, so
 * that what limits is the nodes and not the machine. And what customers notice while one joins and one leaves: the
 * longest answer, at a modest rate, counted from when each request was due.
 */
import { PARTITIONS } from '../../config/subjects.ts';
import { CartFiller } from '../carts/cart-filler.ts';
import type { Bench, Row, RunCase } from '../case.ts';
import { processesBelow } from '../cpu.ts';
import { Connection } from '../load/connection.ts';
import { closedLoop } from '../load/loops.ts';
import { openShop } from '../orders/open-shop.ts';
import { cells, figure, type Spread, spreadOf } from '../suite/spread.ts';
import { type Change, underLoad } from './change.ts';
import { Fleet } from './fleet.ts';
import { openQuotas, type Quotas } from './quota.ts';

/** Of a core. */
const SHARE = 0.06;
const COUNTS = [4, 2, 1] as const;
/** Adds a second while nodes come and go: a fraction of what one can do. */
const CALM = 400;
const CONNECTIONS = 128;

export const nodes: RunCase = async (bench) => {
  const quotas = openQuotas();
  if (typeof quotas === 'string') {
    bench.say(`skipped: ${quotas}`);
    return { rows: [[`nodes: skipped, ${quotas}`]], figures: null };
  }
  const variables = { LAYOUT: 'apart', NODES: '1', SHEDDING: 'off' };
  const shop = await openShop({ dataDir: '.haat-bench/nodes', customers: 1, variables }, bench.say);
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(shop.system.api));
  let fleet: Fleet | undefined;
  try {
    fleet = await Fleet.of(shop.system);
    return await new NodesRun(bench, shop.pid, connections, new CartFiller(shop), fleet, quotas).all();
  } finally {
    for (const connection of connections) connection.close();
    await fleet?.stop();
    await shop.close();
    quotas.close();
  }
};

class NodesRun {
  readonly #bench: Bench;
  /** The launcher. */
  readonly #pid: number;
  readonly #connections: readonly Connection[];
  readonly #filler: CartFiller;
  readonly #fleet: Fleet;
  readonly #quotas: Quotas;

  constructor(
    bench: Bench,
    pid: number,
    connections: readonly Connection[],
    filler: CartFiller,
    fleet: Fleet,
    quotas: Quotas,
  ) {
    this.#bench = bench;
    this.#pid = pid;
    this.#connections = connections;
    this.#filler = filler;
    this.#fleet = fleet;
    this.#quotas = quotas;
  }

  async all(): ReturnType<RunCase> {
    const fleet = this.#fleet;
    // First nobody is held: what a change costs is not to be what cold code costs.
    await this.#adds(2);
    const changes: Change[] = [await this.#change('a second joins', () => fleet.join())];
    await fleet.join();
    changes.push(await this.#change('a fourth joins', () => fleet.join()));
    changes.push(await this.#change('one of four leaves', () => fleet.leave()));
    await fleet.join();
    await this.#adds(this.#bench.quick ? 3 : 6);

    const first = processesBelow(this.#pid).find(({ label }) => label === 'actors');
    if (first === undefined) throw new Error('no node holds actors');
    for (const pid of [first.pid, ...fleet.joined.map((node) => node.pid)]) this.#quotas.hold(pid, SHARE);
    const rates: { nodes: number; rate: Spread; fullest: number }[] = [];
    for (const count of COUNTS) {
      while (fleet.joined.length >= count) await fleet.leave((pid) => this.#quotas.free(pid));
      rates.unshift({ nodes: count, rate: await this.#rate(count), fullest: fleet.fullest() });
    }
    const one = rates[0]?.rate.median ?? 1;
    return {
      rows: [
        [`nodes, each held to ${SHARE} of a core`, 'adds/s', 'runs', '× one node', 'partitions of the fullest'],
        ...rates.map(({ nodes: n, rate, fullest }): Row => {
          const share = `${figure(fullest * 100)} %`;
          return [`  ${n}`, ...cells(rate), figure(rate.median / one, 2), share];
        }),
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
      figures: rates.map(({ nodes: n, rate, fullest }) => ({
        nodes: n,
        perSecond: rate.median,
        timesOne: rate.median / one,
        fullest,
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
    const before = this.#fleet.owners();
    const { longestMs, quietMs } = await underLoad(this.#connections, CALM, this.#filler, act);
    const after = this.#fleet.owners();
    const moved = after.filter((owner, n) => owner !== before[n]).length / PARTITIONS;
    const most = Math.max(new Set(before).size, new Set(after).size);
    this.#bench.say(`${what}: longest answer ${figure(longestMs)} ms, before ${figure(quietMs)} ms`);
    return { what, nodes: most, longestMs, quietMs, moved, least: 1 / most };
  }
}
