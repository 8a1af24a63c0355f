/**
 * The actor runtime alone, in one process, against a nats-server of its own. The client, the server and this generator
 * share the machine.
 */
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { pino } from 'pino';
import { type ActorHost, createActorHost } from '../../actors/runtime/host.ts';
import { tillKind } from '../../actors/runtime/testing/till.ts';
import { sku } from '../../actors/sku/kind.ts';
import { ROOT } from '../../config/env.ts';
import type { Bench, Row, RunCase } from '../case.ts';
import { startLogServer } from '../seed/log-server.ts';
import { cells, figure, type Spread, spreadOf } from '../suite/spread.ts';
import { holdAndSell, payTill } from './commands.ts';
import { type Measured, rate } from './rate.ts';

const MANY = 5_000;

type Line = { readonly name: string; readonly runs: readonly Measured[] };

export const runtime: RunCase = async (bench) => {
  const server = await startLogServer(join(ROOT, '.haat-bench', 'runtime'), bench.say);
  try {
    const { streams } = await jetstreamManager(server.nc);
    await streams.add({ name: 'TILL', subjects: ['till.*.*'], allow_direct: true });
    const logger = pino({ level: 'error' });
    const freshHost = (): ActorHost =>
      createActorHost({ log: server.log, kinds: [tillKind, sku], owns: () => true, logger });
    const lines = await allLines(bench, freshHost);
    return { rows: rowsOf(lines), figures: Object.fromEntries(lines.map(({ name, runs }) => [name, figuresOf(runs)])) };
  } finally {
    await server.stop();
  }
};

async function allLines({ quick, runs, say }: Bench, freshHost: () => ActorHost): Promise<readonly Line[]> {
  const lines: Line[] = [];
  const seconds = quick ? 1 : 3;
  const line = async (name: string, measure: (run: number) => Promise<Measured>): Promise<void> => {
    const measured: Measured[] = [];
    for (let run = 1; run <= runs; run++) measured.push(await measure(run));
    say(`${name}: ${figure(spreadOf(measured.map(({ perSecond }) => perSecond)).median)} a second`);
    lines.push({ name, runs: measured });
  };
  // Cold code is not what is measured.
  const warm = freshHost();
  await rate(64, seconds, () => payTill(warm, 'warm-up'));
  for (const inFlight of [64, 512]) {
    await line(`one hot actor, commands, ${inFlight} in flight`, (run) => {
      const host = freshHost();
      return rate(inFlight, seconds, () => payTill(host, `hot${inFlight}-${run}`));
    });
  }
  for (const inFlight of [64, 512]) {
    await line(`one hot SKU, holds and sales, ${inFlight} in flight`, async (run) => {
      const one = await holdAndSell(freshHost(), `SKU-${inFlight}-${run}`);
      return rate(inFlight, seconds, one);
    });
  }
  for (const inFlight of [64, 512]) {
    await line(`${MANY} actors, commits, ${inFlight} in flight`, (run) => {
      const host = freshHost();
      return rate(inFlight, seconds, (n) => payTill(host, `many${inFlight}-${run}-${n % MANY}`));
    });
  }
  for (const inFlight of [1, 64]) {
    await line(`cold loads, ${inFlight} at once`, () => {
      // A host remembers whom it has loaded, so each round of them all has a host of its own.
      const hosts: ActorHost[] = [];
      return rate(inFlight, Math.min(seconds, 2), async (n) => {
        const round = Math.floor(n / MANY);
        hosts[round] ??= freshHost();
        const read = await hosts[round].read('till', `many512-1-${n % MANY}`, Date.now() + 30_000);
        if ('failure' in read) throw new Error(read.failure);
      });
    });
  }
  return lines;
}

const of = (runs: readonly Measured[], pick: (run: Measured) => number): Spread => spreadOf(runs.map(pick));

const rowsOf = (lines: readonly Line[]): readonly Row[] => [
  ['in one process', 'per second', 'runs', 'CPU µs each', 'p50 ms', 'p99 ms'],
  ...lines.map(({ name, runs }): Row => {
    const cpu = of(runs, ({ cpuMicros }) => cpuMicros).median;
    const p50 = of(runs, ({ p50Ms }) => p50Ms).median;
    const p99 = of(runs, ({ p99Ms }) => p99Ms).median;
    const rates = of(runs, ({ perSecond }) => perSecond);
    return [name, ...cells(rates), figure(cpu, 1), figure(p50, 2), figure(p99, 2)];
  }),
];

const figuresOf = (runs: readonly Measured[]) => ({
  perSecond: of(runs, ({ perSecond }) => perSecond).median,
  cpuMicros: of(runs, ({ cpuMicros }) => cpuMicros).median,
  p50Ms: of(runs, ({ p50Ms }) => p50Ms).median,
  p99Ms: of(runs, ({ p99Ms }) => p99Ms).median,
});
