/** One suite at a time in a checkout: two would measure each other, and write into the same folders. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../brokers/launcher/processes.ts';
import { ROOT } from '../../config/env.ts';

const FOLDER = join(ROOT, '.haat-bench');
const LOCK = join(ROOT, '.haat-bench.pid');
const SCRIPT = 'bench/main.ts';

/** The process that measures already; undefined: nobody, and now it is us until `leave`. */
export function takePlace(): number | undefined {
  const before = lastSuite();
  if (before !== undefined && before !== process.pid && isRunning(before, SCRIPT)) return before;
  writeFileSync(LOCK, String(process.pid));
  return undefined;
}

export function leave(): void {
  rmSync(LOCK, { force: true });
}

/** An empty disk: what a case before it or an earlier run wrote is not to slow a case. */
export function clearDisk(): void {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
}

function lastSuite(): number | undefined {
  try {
    return Number(readFileSync(LOCK, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
