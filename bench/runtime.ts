/**
 * The actor runtime alone, in one process, against a nats-server of its own: `node bench/runtime.ts`.
 * Medians of three; the client, the server and this generator share the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { pino } from 'pino';
import type { OrderId, Pincode, WarehouseId } from '../actors/ids.ts';
import { type ActorHost, createActorHost } from '../actors/runtime/host.ts';
import { tillKind } from '../actors/runtime/testing/till.ts';
import { sku } from '../actors/sku/kind.ts';
import { findNatsServer } from '../brokers/launcher/servers/binaries.ts';
import { startNats } from '../brokers/launcher/servers/nats.ts';
import { folders } from '../config/env.ts';
import { connectNats } from '../stores/nats/connection.ts';
import { createJetStreamEventLog } from '../stores/nats/jetstream-event-log.ts';
import { table } from './demo/live-table.ts';

const RUNS = 3;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const log = pino({ level: 'error' });
const dir = mkdtempSync(join(tmpdir(), 'haat-bench-'));
const { binary } = await findNatsServer(folders(), say);
const server = await startNats({ binary, dir });
const nc = await connectNats(server.url, { name: 'bench', log });
const { streams } = await jetstreamManager(nc);
for (const kind of ['TILL', 'SKU']) {
  await streams.add({ name: kind, subjects: [`${kind.toLowerCase()}.*.*`], allow_direct: true });
}
const events = createJetStreamEventLog(nc);
const freshHost = (): ActorHost =>
  createActorHost({ log: events, kinds: [tillKind, sku], owns: () => true, logger: log });

let commandNumber = 0;
const command = async (host: ActorHost, kind: string, id: string, type: string, input: object): Promise<void> => {
  const commandId = `cmd_${(++commandNumber).toString(16).padStart(32, '0')}`;
  const reply = await host.command({ kind, id, type, input, commandId, deadline: Date.now() + 30_000 });
  if ('failure' in reply || !reply.ok) throw new Error(`${kind} ${type}: ${JSON.stringify(reply)}`);
};

/** `inFlight` loops that go on until `seconds` are over. */
async function rate(inFlight: number, seconds: number, one: (n: number) => Promise<void>): Promise<Measured> {
  let done = 0;
  let begun = 0;
  const latencies: number[] = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1_000;
  const loop = async (): Promise<void> => {
    for (let sent = performance.now(); sent < end; ) {
      await one(begun++);
      const now = performance.now();
      if (done++ % 16 === 0) latencies.push(now - sent);
      sent = now;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = (done / (performance.now() - start)) * 1_000;
  return { perSecond, cpuMicros: (user + system) / done, ...percentiles(latencies) };
}

type Measured = {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p50: number;
  readonly p99: number;
};

function percentiles(values: readonly number[]): { p50: number; p99: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

async function median(measure: (run: number) => Promise<Measured>): Promise<Measured> {
  const runs: Measured[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await measure(run));
  return runs.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(RUNS / 2)] as Measured;
}

const rows: (readonly (string | number)[])[] = [['in one process', 'per second', 'CPU µs each', 'p50 ms', 'p99 ms']];
const report = (name: string, { perSecond, cpuMicros, p50, p99 }: Measured): void => {
  rows.push([name, Math.round(perSecond).toLocaleString('en'), cpuMicros.toFixed(1), p50.toFixed(2), p99.toFixed(2)]);
};

try {
  for (const inFlight of [64, 512]) {
    const measured = await median((run) => {
      const host = freshHost();
      return rate(inFlight, 3, () => command(host, 'till', `hot${inFlight}-${run}`, 'pay', { amount: 1 }));
    });
    report(`one hot actor, commands, ${inFlight} in flight`, measured);
  }
  const warehouse = { warehouseId: 'wh_del' as WarehouseId, pincode: '110037' as Pincode };
  for (const inFlight of [64, 512]) {
    const measured = await median(async (run) => {
      const host = freshHost();
      const id = `SKU-${inFlight}-${run}`;
      await command(host, 'sku', id, 'setStock', { ...warehouse, onHand: 10_000_000 });
      // As a sale goes: held, and a little later sold; about 2,000 holds stand at any time.
      return rate(inFlight, 3, async (n) => {
        const expiresAt = Date.now() + 600_000;
        const orderId = (order: number): OrderId => `ord_${order.toString(16).padStart(32, '0')}` as OrderId;
        if (n % 2 === 0) {
          await command(host, 'sku', id, 'reserve', {
            orderId: orderId(n),
            quantity: 1,
            pincode: warehouse.pincode,
            expiresAt,
          });
        } else if (n > 4_000) {
          await command(host, 'sku', id, 'commit', {
            orderId: orderId(n - 4_001),
            quantity: 1,
            pincode: warehouse.pincode,
          });
        }
      });
    });
    report(`one hot SKU, holds and sales, ${inFlight} in flight`, measured);
  }
  for (const inFlight of [64, 512]) {
    const measured = await median((run) => {
      const host = freshHost();
      return rate(inFlight, 3, (n) =>
        command(host, 'till', `many${inFlight}-${run}-${n % 5_000}`, 'pay', { amount: 1 }),
      );
    });
    report(`5,000 actors, commits, ${inFlight} in flight`, measured);
  }
  for (const inFlight of [1, 64]) {
    const measured = await median(() => {
      // A host remembers whom it has loaded, so each round of the 5,000 has a host of its own.
      const hosts: ActorHost[] = [];
      return rate(inFlight, 2, async (n) => {
        const round = Math.floor(n / 5_000);
        hosts[round] ??= freshHost();
        const read = await hosts[round].read('till', `many512-0-${n % 5_000}`, Date.now() + 30_000);
        if ('failure' in read) throw new Error(read.failure);
      });
    });
    report(`cold loads, ${inFlight} at once`, measured);
  }
  for (const line of table(rows)) say(line);
} finally {
  await events.close();
  await nc.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}
