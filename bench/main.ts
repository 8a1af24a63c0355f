/**
 * `npm run bench -- [--only orders,runtime] [--quick] [--json FILE]`: what is fast, measured on this machine with the generator
 * on it. Medians; the machine's own noise is in them.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { table } from './demo/live-table.ts';
import { benchOrders, medianRun } from './orders.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: 'orders' },
    quick: { type: 'boolean', default: false },
    customers: { type: 'string', default: '64' },
    json: { type: 'string' },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const results: Record<string, unknown> = {};

// `npm run bench -- orders` is what one types first.
const wanted = positionals.length === 0 ? values.only.split(',') : positionals;
const unknown = wanted.filter((name) => name !== 'orders' && name !== 'runtime');
if (unknown.length > 0) throw new Error(`no such bench: ${unknown.join(', ')}`);

if (wanted.includes('runtime')) await import('./runtime.ts');
if (wanted.includes('orders')) {
  const { quick } = values;
  const customers = Number(values.customers);
  const runs = await benchOrders(
    { customers, seconds: quick ? 5 : 15, runs: quick ? 1 : 3, warmupSeconds: quick ? 3 : 10 },
    say,
  );
  const { perSecond, p50Ms, p99Ms, steps, cpuMsPerOrder, projectionLagMs } = medianRun(runs);
  const cpu = Object.entries(cpuMsPerOrder).toSorted(([, a], [, b]) => b - a);
  const total = cpu.reduce((sum, [, ms]) => sum + ms, 0);
  say('');
  for (const line of table([
    ['complete orders, 2 items', `${perSecond.toFixed(0)}/s`, 'p50 ms', 'p99 ms'],
    ['  whole order', '', p50Ms.toFixed(1), p99Ms.toFixed(1)],
    ...Object.entries(steps).map(([step, { p50Ms: p50, p99Ms: p99 }]) => [
      `  ${step}`,
      '',
      p50.toFixed(1),
      p99.toFixed(1),
    ]),
    ['CPU an order', 'ms', '', ''],
    ...cpu.map(([name, ms]) => [`  ${name}`, ms.toFixed(2), '', '']),
    ['  all', total.toFixed(2), '', ''],
    ['last row in PostgreSQL after', `${projectionLagMs.toFixed(0)} ms`, '', ''],
  ]))
    say(line);
  results.orders = { perSecond, p50Ms, p99Ms, cpuMsPerOrder, steps };
}

if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
