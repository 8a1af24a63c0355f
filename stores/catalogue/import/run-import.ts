/** `npm run import`, apart from finding the servers: the command line, what is shown, what is left behind. */
import { parseArgs } from 'node:util';
import type { Actors } from '../../../actors/clients.ts';
import type { SellerId } from '../../../actors/ids.ts';
import { idFrom } from '../../../config/ids.ts';
import type { Pool } from '../../postgres/pool.ts';
import { importProducts } from './import-products.ts';
import { createProgress } from './progress.ts';
import { openProductFile } from './read-file.ts';
import type { RejectReason } from './read-row.ts';
import { createRejectFile } from './reject-file.ts';

export const USAGE = `npm run import -- FILE [--stock N] [--seller ID]

  FILE        product rows as CSV, gzip or not
  --stock N   units that each new SKU gets, over several warehouses (50); 0 leaves stock alone
  --seller ID whose products they become (a shop of the import's own)`;

export type ImportArguments = { readonly path: string; readonly units: number; readonly sellerId: SellerId };

/** undefined: not understood; show USAGE. */
export function readArguments(args: readonly string[]): ImportArguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { stock: { type: 'string', default: '50' }, seller: { type: 'string' } },
      allowPositionals: true,
    });
    const [path, ...others] = positionals;
    const sellerId = values.seller ?? idFrom('sel', 'import', Date.UTC(2016, 0, 1));
    if (path === undefined || others.length > 0 || !/^\d{1,6}$/.test(values.stock) || !isSeller(sellerId))
      return undefined;
    return { path, units: Number(values.stock), sellerId };
  } catch {
    // An option that there is not.
    return undefined;
  }
}

const isSeller = (id: string): id is SellerId => /^sel_[A-Za-z0-9_-]{1,60}$/.test(id);

export type RunImportOptions = ImportArguments & {
  readonly pool: Pool;
  readonly actors: Pick<Actors, 'sku'>;
  readonly dataDir: string;
  readonly screen: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };
};

/** Rejects with FileUnreadable, or when the database or the actors fail. */
export async function runImport(options: RunImportOptions): Promise<void> {
  const { path, units, sellerId, pool, actors, dataDir, screen } = options;
  const startedAt = performance.now();
  const file = await openProductFile(path);
  const rejects = await createRejectFile(dataDir, path);
  const reasons = new Map<RejectReason, number>();
  const progress = createProgress(screen);
  try {
    const counts = await importProducts({
      pool,
      file,
      sellerId,
      stock: { actors, units },
      onRejected: (rejected) => {
        reasons.set(rejected.reason, (reasons.get(rejected.reason) ?? 0) + 1);
        rejects.add(rejected);
      },
      onProgress: ({ rows }) => progress.show(rows, file.fraction()),
    });
    progress.end();
    const seconds = (performance.now() - startedAt) / 1_000;
    const say = (line: string): boolean => screen.write(`${line}\n`);
    say(`${counts.rows} rows in ${seconds.toFixed(1)} s (${Math.round(counts.rows / seconds)} a second)`);
    say(
      `  ${counts.created} new · ${counts.changed} changed · ${counts.unchanged} as they were · ${counts.stocked} SKUs stocked`,
    );
    for (const [reason, count] of reasons) say(`  ${count} not imported: ${reason}`);
  } finally {
    const report = await rejects.close();
    if (report !== undefined) screen.write(`  each of them, with its line: ${report}\n`);
  }
}

/**
 * Waits until all that was written has been published, so that it can be bought. False: nothing has moved for
 * `patienceMs`, so no relay seems to run; it is published when one does.
 */
export async function untilPublished(pool: Pool, patienceMs = 10_000): Promise<boolean> {
  let least = Number.POSITIVE_INFINITY;
  let movedAt = Date.now();
  for (;;) {
    const { rows } = await pool.query<{ waiting: number }>('select count(*) as waiting from outbox');
    const waiting = rows[0]?.waiting ?? 0;
    if (waiting === 0) return true;
    if (waiting < least) movedAt = Date.now();
    least = Math.min(least, waiting);
    if (Date.now() - movedAt > patienceMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
