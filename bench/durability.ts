/**
 * The price of durability: complete orders a second under each setting that an operator may choose, by the same
 * customers, one setting after the other and all of it again.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../config/env.ts';
import type { Row, RunCase } from './case.ts';
import { openShop } from './orders/open-shop.ts';
import { closedRun, type OrderRun } from './orders/order-run.ts';
import { cells, figure, spreadOf } from './suite/spread.ts';

type Setting = {
  readonly key: string;
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  /** An acknowledged order. */
  readonly survives: string;
};

const KILLED = 'death of any process';
const SETTINGS: readonly Setting[] = [
  {
    key: 'r1',
    name: 'R1 (default)',
    variables: {},
    survives: `${KILLED}; a power cut loses up to 2 min`,
  },
  {
    key: 'r1-100ms',
    name: 'R1, NATS_SYNC_INTERVAL=100ms',
    variables: { NATS_SYNC_INTERVAL: '100ms' },
    survives: `${KILLED}; a power cut loses up to 0.1 s`,
  },
  {
    key: 'r1-always',
    name: 'R1, NATS_SYNC_INTERVAL=always',
    variables: { NATS_SYNC_INTERVAL: 'always' },
    survives: `${KILLED}, power cut`,
  },
  {
    key: 'r3',
    name: 'R3 (STREAM_REPLICAS=3)',
    variables: { STREAM_REPLICAS: '3' },
    survives: `${KILLED}, loss of one NATS server and its disk; power cut of one, not of two at once`,
  },
  {
    key: 'r3-always',
    name: 'R3, NATS_SYNC_INTERVAL=always',
    variables: { STREAM_REPLICAS: '3', NATS_SYNC_INTERVAL: 'always' },
    survives: `${KILLED}, loss of one NATS server and its disk, power cut of all`,
  },
];
const CUSTOMERS = 64;

/** What neighbours on the machine change least. */
const allCpu = ({ cpuMs }: OrderRun): number => Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0);
const natsCpu = ({ cpuMs }: OrderRun): number => cpuMs['nats-server'] ?? 0;

export const durability: RunCase = async ({ quick, runs, say }) => {
  const measured = new Map(SETTINGS.map((setting) => [setting, [] as OrderRun[]]));
  const dataDir = '.haat-bench/durability';
  for (let n = 1; n <= runs; n++) {
    for (const [setting, of] of measured) {
      rmSync(join(ROOT, dataDir), { recursive: true, force: true });
      const shop = await openShop({ dataDir, customers: CUSTOMERS, variables: setting.variables }, () => undefined);
      try {
        await closedRun(shop, quick ? 1 : 4);
        const run = await closedRun(shop, quick ? 2 : 8);
        of.push(run);
        say(`${setting.name}, run ${n}: ${figure(run.perSecond)} orders/s, p99 ${figure(run.whole.p99Ms)} ms`);
      } finally {
        await shop.close();
      }
    }
  }
  rmSync(join(ROOT, dataDir), { recursive: true, force: true });
  const median = (of: readonly OrderRun[], pick: (run: OrderRun) => number): number => spreadOf(of.map(pick)).median;
  const rateOf = (of: readonly OrderRun[]): number => median(of, ({ perSecond }) => perSecond);
  const [first] = measured.values();
  const whole = rateOf(first ?? []);
  return {
    rows: [
      [
        'durability',
        'orders/s',
        'runs',
        '× default',
        'p50 ms',
        'p99 ms',
        'CPU ms an order',
        'of it NATS',
        'an acknowledged order survives',
      ],
      ...[...measured].map(
        ([{ name, survives }, of]): Row => [
          `  ${name}`,
          ...cells(spreadOf(of.map(({ perSecond }) => perSecond))),
          figure(rateOf(of) / whole, 2),
          figure(median(of, ({ whole }) => whole.p50Ms)),
          figure(median(of, ({ whole }) => whole.p99Ms)),
          figure(median(of, allCpu), 2),
          figure(median(of, natsCpu), 2),
          survives,
        ],
      ),
    ],
    figures: [...measured].map(([{ key, survives }, of]) => ({
      setting: key,
      perSecond: rateOf(of),
      rounds: of.map(({ perSecond }) => perSecond),
      ofDefault: rateOf(of) / whole,
      p50Ms: median(of, ({ whole }) => whole.p50Ms),
      p99Ms: median(of, ({ whole }) => whole.p99Ms),
      cpuMsPerOrder: median(of, allCpu),
      natsCpuMsPerOrder: median(of, natsCpu),
      survives,
    })),
  };
};
