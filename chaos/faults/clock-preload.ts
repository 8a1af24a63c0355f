/**
 * Loaded into Haat's processes before anything else (`--import`): on SIGUSR2 the wall clock of the process is shifted by
 * what `<data folder>/clock-<pid>` says, in ms. As when the machine's clock is set, time that is measured (`performance.now`,
 * timers) goes on as before.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const at = process.argv.indexOf('--data-dir');
const dataDir = at < 0 ? undefined : process.argv[at + 1];

if (dataDir !== undefined) {
  const RealDate = Date;
  const now = RealDate.now.bind(RealDate);
  let shift = 0;
  process.on('SIGUSR2', () => {
    shift = Number(readFileSync(join(dataDir, `clock-${process.pid}`), 'utf8'));
  });
  const shifted = (): number => now() + shift;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [shifted()] : given, newTarget),
    apply: () => new RealDate(shifted()).toString(),
    get: (target, name, receiver) => (name === 'now' ? shifted : Reflect.get(target, name, receiver)),
  });
}
