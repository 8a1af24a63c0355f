/** What is asked for wrongly is told at once, before anything is started. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../config/env.ts';

const told = (...args: readonly string[]): Promise<{ readonly code: unknown; readonly said: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, 'chaos/main.ts'), ...args], { timeout: 20_000 }, (error, _out, said) =>
      resolve({ code: error?.code, said }),
    );
  });

test.each([
  [['--sed', '1'], "Unknown option '--sed'"],
  [['7'], 'Unexpected argument'],
  [['--seed', 'x'], '--seed takes a whole number from 0'],
  [['--runs', '0'], '--runs takes a whole number from 1'],
  [['--faults', 'kill,fire'], 'got fire'],
  [['--break', 'everything'], 'got everything'],
  [['--json', '/no/such/folder/chaos.json'], '--json: ENOENT'],
])('%j', async (args, what) => {
  const { code, said } = await told(...args);
  expect(said).toContain(what);
  expect(code).toBe(2);
});
