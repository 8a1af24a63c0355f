import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { memoryActors } from '../../../actors/checkout/testing/memory-actors.ts';
import type { Sku } from '../../../actors/ids.ts';
import { freshDatabase } from '../../../brokers/launcher/test-servers.ts';
import { migrate } from '../../postgres/migrate.ts';
import { createPool } from '../../postgres/pool.ts';
import { createProgress, progressLine } from './progress.ts';
import { readArguments, runImport, untilPublished } from './run-import.ts';

const log = pino({ level: 'silent' });

test('the command line', () => {
  expect(readArguments(['a.csv'])).toMatchObject({ path: 'a.csv', units: 50 });
  expect(readArguments(['a.csv', '--stock', '0', '--seller', 'sel_1'])).toEqual({
    path: 'a.csv',
    units: 0,
    sellerId: 'sel_1',
  });
  for (const bad of [
    [],
    ['a', 'b'],
    ['a', '--stock', '-1'],
    ['a', '--stock', 'x'],
    ['a', '--seller', 'usr_1'],
    ['a', '--no'],
    ['--stock'],
  ]) {
    expect(readArguments(bad), bad.join(' ')).toBeUndefined();
  }
});

test('the bar redraws itself in a terminal and is a line now and then elsewhere', () => {
  expect(progressLine(12_345, 0.5, 10)).toBe(
    `${'█'.repeat(15)}${'░'.repeat(15)}  50 % · 12,345 rows · 1,235/s · 10 s left`,
  );
  for (const isTTY of [true, false]) {
    const written: string[] = [];
    let now = 0;
    const progress = createProgress({ isTTY, write: (text) => written.push(String(text)) > 0 }, () => now);
    for (; now < 4_000; now += 50) progress.show(now, now / 4_000);
    progress.end();
    expect(written.length).toBe(isTTY ? 41 : 3);
    expect(written.every((text) => text.startsWith('\r') === isTTY)).toBe(true);
    expect(written.at(-1)).toContain('99 %');
  }
});

test('a run says what it did, and leaves a report of what it could not do', async () => {
  await using database = await freshDatabase();
  await migrate(database.url, log);
  const pool = createPool({ databaseUrl: database.url, applicationName: 'test', log });
  const dataDir = await mkdtemp(join(tmpdir(), 'haat-import-'));
  const path = join(dataDir, 'some products.csv');
  await writeFile(
    path,
    'pid,product_name,category_tree,retail_price,discounted_price\nP1,One,,10,9\nP2,=SUM(A1),,,\nP3,Three,,5,\n',
  );
  const written: string[] = [];
  const actors = memoryActors({
    now: Date.now,
    step: async (_, effect) => effect(),
    recorded: () => {},
    commandWindow: 64,
  });
  const wanted = readArguments([path, '--stock', '7']);
  if (wanted === undefined) throw new Error('arguments were not understood');
  await runImport({ ...wanted, pool, actors, dataDir, screen: { write: (text) => written.push(String(text)) > 0 } });
  expect(written.join('')).toMatch(
    /3 rows in .*\n {2}2 new · 0 changed · 0 as they were · 2 SKUs stocked\n {2}1 not imported: price-missing\n/,
  );
  expect((await actors.sku.read('P3' as Sku)).view.available).toBe(7);
  expect(await readFile(join(dataDir, 'imports', 'some products.rejected.csv'), 'utf8')).toBe(
    'line,reason,detail,id,name\n"3","price-missing","retail_price and discounted_price are empty","P2","\'=SUM(A1)"\n',
  );
  expect(await untilPublished(pool, 50)).toBe(false);
  await pool.query('delete from outbox');
  expect(await untilPublished(pool, 50)).toBe(true);
  await pool.end();
  await rm(dataDir, { recursive: true });
});
