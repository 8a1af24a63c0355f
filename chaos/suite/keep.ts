/** What is needed to understand a run that failed: its histories and the system's logs. */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sku } from '../../actors/ids.ts';
import { skuOf } from '../../actors/sku/buckets/bucket-id.ts';
import { ROOT } from '../../config/env.ts';
import type { Planned } from '../faults/fault.ts';
import type { Stage } from '../stage/stage.ts';
import type { RunResult } from './run.ts';

const LOGS = ['logs', 'start.log', 'nats/nats-server.log', 'postgres/postgres.log'];

/** The folder. */
export function keep(stage: Stage, seed: number, plan: readonly Planned[], result: RunResult): string {
  const folder = join(ROOT, '.haat-chaos', 'failed', `seed-${seed}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { diary, findings, skipped, evidence } = result;
  const write = (name: string, content: unknown): void =>
    writeFileSync(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  write('run.json', { seed, stage: stage.name, plan, skipped, findings });
  write('diary.json', {
    ...diary,
    presses: Object.fromEntries(diary.presses),
    carts: Object.fromEntries(diary.carts),
  });
  if (evidence !== undefined) {
    const users = new Set(diary.presses.keys());
    const orders = [...evidence.ledgers.orders.values()].filter(
      ({ state }) => state.status !== 'NONE' && users.has(state.userId),
    );
    const ids = new Set(orders.map(({ id }) => id));
    write('streams.json', {
      orders,
      payments: [...evidence.ledgers.payments.values()].filter(
        ({ state }) => state.status !== 'none' && ids.has(state.orderId),
      ),
      skus: [...evidence.ledgers.skus.values()].filter(({ id }) => skuOf(id as Sku) in evidence.goods.units),
      deadLetters: evidence.deadLetters,
    });
  }
  for (const name of LOGS) {
    const from = join(stage.system.dataDir, name);
    if (existsSync(from)) cpSync(from, join(folder, name), { recursive: true });
  }
  return folder;
}
