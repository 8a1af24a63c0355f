import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { leftovers, sweep } from './preflight.ts';
import { exists, isRunning } from './processes.ts';
import { AlreadyRunning, claim, currentRun, lastRun, record, release } from './run-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'haat-run-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A process whose command line has these words. */
async function processNamed(script: string, ...args: string[]) {
  const file = join(dir, script);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, 'setInterval(() => undefined, 1000);');
  const child = spawn(process.execPath, [file, ...args], { stdio: 'ignore' });
  const pid = child.pid ?? 0;
  await eventually(() => isRunning(pid, script));
  return { pid, kill: () => child.kill('SIGKILL') };
}

test('a folder is claimed by one launcher; another gets a message that says where the first is', async () => {
  const first = await processNamed('brokers/start.ts');
  writeFileSync(join(dir, 'run.lock'), String(first.pid));
  try {
    expect(() => claim(dir)).toThrow(AlreadyRunning);
    expect(() => claim(dir)).toThrow(`process ${first.pid}`);
  } finally {
    first.kill();
  }
});

test('the lock of a killed launcher is taken over, and so is one whose pid is now somebody else’s', () => {
  writeFileSync(join(dir, 'run.lock'), String(process.ppid));
  expect(claim(dir)).toBeUndefined();
  release(dir);
  expect(existsSync(join(dir, 'run.lock'))).toBe(false);
});

test('a record is private, and that of a dead run is not taken for a running one', () => {
  record(dir, { ports: { postgres: 5432 }, servers: { NATS_URL: 'nats://127.0.0.1:1' } });
  expect(statSync(join(dir, 'run.json')).mode & 0o777).toBe(0o600);
  expect(lastRun(dir)).toMatchObject({ ports: { postgres: 5432 } });
  expect(currentRun(dir)).toBeUndefined();
});

test('a record that was cut off counts as none', () => {
  writeFileSync(join(dir, 'run.json'), '{"pid": 1');
  expect(lastRun(dir)).toBeUndefined();
});

test('what a killed launcher left is ended, and only what belongs to this very folder', async () => {
  const mine = await processNamed('brokers/node-main.ts', '--data-dir', dir);
  const other = await processNamed('brokers/node-main.ts', '--data-dir', `${dir}-2`);
  try {
    // Looked at before anything is ended: a mistake here must not reach strangers' processes.
    expect(leftovers(dir)).toEqual([{ pid: mine.pid, signal: 'SIGTERM' }]);
    expect(await sweep(dir)).toBe(1);
    await eventually(() => !exists(mine.pid));
    expect(exists(other.pid)).toBe(true);
  } finally {
    mine.kill();
    other.kill();
  }
});
