/** Takes guards out, one after the other, until the checker says so. */
import { table } from '../../bench/demo/live-table.ts';
import { GUARDS } from '../broken/guards.ts';
import { startPower } from '../stage/power.ts';
import type { Finding } from '../verdict/judge.ts';
import { ableTo } from './abilities.ts';
import { onStage, STAGES, type Suite } from './runs.ts';
import { newTally } from './tally.ts';

/** Faults come at moments: not every one meets what is not guarded any more. */
const RUNS_AT_MOST = 15;
/** What is wrong here stays wrong: no need to wait as long as for a whole system. */
const FINAL_WITHIN_MS = 30_000;

/** The names of guards that were not missed. */
export async function breakGuards(
  names: readonly string[],
  { seeds, say, signal }: Omit<Suite, 'faults'>,
): Promise<readonly string[]> {
  const [first = 1] = seeds;
  const rows: (readonly string[])[] = [['fault', 'guard taken out', 'runs', 'what the checker said first']];
  const unnoticed: string[] = [];
  for (const name of names) {
    const guard = GUARDS[name];
    const stage = STAGES.find((kind) => kind.name === guard?.stage);
    if (guard === undefined || stage === undefined) throw new Error(`no guard is called ${name}`);
    const able = await ableTo([stage], [guard.fault], () => undefined);
    const missing = able.stages.length === 0 ? 'it cannot be shown on this machine' : undefined;
    if (missing !== undefined) {
      rows.push([guard.fault, name, '0', `skipped: ${missing}`]);
      continue;
    }
    say(`\nwithout ${name}: ${guard.what}`);
    const tally = newTally();
    let said: Finding | undefined;
    const loader = new URL('../broken/loader.ts', import.meta.url);
    loader.searchParams.set('guard', name);
    const { besides } = guard;
    const kind = {
      ...stage,
      ...(name === 'sync-always' ? { start: startPower('2m') } : {}),
      ...(besides === undefined ? {} : { special: guard.fault }),
    };
    const runs = {
      faults: besides === undefined ? [guard.fault] : [guard.fault, besides],
      ...(guard.victims === undefined ? {} : { victims: guard.victims }),
      say,
      signal,
      nodeOptions: `--import ${loader.href}`,
      finalWithinMs: FINAL_WITHIN_MS,
      enough: ({ findings }: { readonly findings: readonly Finding[] }) => {
        [said] = findings;
        return said !== undefined;
      },
    };
    await onStage(
      kind,
      Array.from({ length: RUNS_AT_MOST }, (_, n) => first + n),
      runs,
      tally,
    );
    if (said === undefined) unnoticed.push(name);
    rows.push([guard.fault, name, `${tally.runs}`, said === undefined ? 'NOTHING' : `${said.kind}: ${said.what}`]);
  }
  say('');
  for (const line of table(rows)) say(line);
  return unnoticed;
}
