/**
 * A flash sale at the ledgers alone: one SKU, its units in 1, 4 or 16 buckets, a crowd that holds and pays until all is sold
 * out, refills included. In one process, where buckets only show what they cost; and on four nodes that are each held to
 * the same small share of a core, where they are what lets one SKU use more than one of them.
 */
import type { Actors } from '../../actors/clients.ts';
import type { Bench, CaseResult, Row } from '../case.ts';
import { openQuotas } from '../nodes/quota.ts';
import { median } from '../shop/latencies.ts';
import { inThisProcess, onNodes } from './own-actors.ts';
import { type Sold, sellOut } from './sell-out.ts';

const BUCKETS = [1, 4, 16];
const NODES = 4;
/** Of a core, for each node. */
const SHARE = 0.1;

export async function flashSale({ quick, runs, say }: Bench): Promise<CaseResult> {
  const units = quick ? 10_000 : 50_000;
  const figures: Record<string, unknown> = {};
  const rows: Row[] = [['one SKU, until it is sold out', 'grants/s', 'p99 ms', 'sold', 'transfers']];

  const each = (where: string, key: string, amount: number) => async (actors: Actors) => {
    for (const count of BUCKETS) {
      const result = await middle(runs, () => sellOut(actors, count, amount));
      const { perSecond, p99Ms, sold, moves } = result;
      const name = `${count} bucket${count === 1 ? '' : 's'}, ${where}`;
      rows.push([name, Math.round(perSecond), p99Ms.toFixed(1), sold, moves]);
      figures[`${key}${count}`] = { perSecond, p99Ms };
      say(`${name}: ${perSecond.toFixed(0)} grants/s`);
    }
  };
  const warm = (actors: Actors): Promise<Sold> => sellOut(actors, 4, 5_000);
  for (const [sync, where, key] of [
    ['2m', 'one process', 'buckets'],
    ['always', 'one process, fsync for every commit', 'fsyncBuckets'],
  ] as const) {
    await inThisProcess(sync, say, async (actors) => {
      await warm(actors);
      await each(where, key, units)(actors);
    });
  }
  const quotas = openQuotas();
  if (typeof quotas === 'string') say(`on ${NODES} nodes: skipped, ${quotas}`);
  else {
    try {
      const where = `${NODES} nodes of ${SHARE} core`;
      await onNodes({ count: NODES, share: SHARE, quotas }, say, warm, each(where, 'nodesBuckets', units / 5));
    } finally {
      quotas.close();
    }
  }
  return { rows, figures };
}

async function middle(runs: number, measure: () => Promise<Sold>): Promise<Sold> {
  const results: Sold[] = [];
  for (let run = 0; run < runs; run++) results.push(await measure());
  const rate = median(results.map(({ perSecond }) => perSecond));
  const result = results.find(({ perSecond }) => perSecond === rate);
  if (result === undefined) throw new Error('no runs');
  return result;
}
