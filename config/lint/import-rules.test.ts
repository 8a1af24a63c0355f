/** The rules that keep actor kinds pure must fire: a linter that silently ignores a rule guards nothing. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

const refusedInKinds: readonly (readonly [what: string, source: string, message: string])[] = [
  ['a platform module', `import { readFile } from 'node:fs/promises';\nexport const a = readFile;`, 'no platform'],
  ['a package', `import { z } from 'zod';\nexport const a = z;`, 'it needs no package'],
  ['a scoped package', `import { Kvm } from '@nats-io/kv';\nexport const a = Kvm;`, 'it needs no package'],
  ['a store', `import type { A } from '../../stores/catalogue/port.ts';\nexport type B = A;`, 'knows no store'],
  ['the configuration', `import { loadEnv } from '../../config/env.ts';\nexport const a = loadEnv;`, 'knows no store'],
  ['the runtime', `import { ActorHost } from '../runtime/host.ts';\nexport const a = ActorHost;`, 'knows kind.ts only'],
  ['another kind', `import { decide } from '../sku/decide.ts';\nexport const a = decide;`, 'as types only'],
  ['the clock', 'export const a = Date.now();', 'global variable Date'],
  ['a timer', 'export const a = setTimeout;', 'global variable setTimeout'],
  ['chance', 'export const a = Math.random();', 'No randomness'],
  ['random ids', 'export const a = crypto.randomUUID();', 'global variable crypto'],
  ['the process', 'export const a = process.pid;', 'global variable process'],
];

const refusedAnywhere: readonly (readonly [what: string, source: string, rule: string])[] = [
  ['an untyped value', 'export const a: any = 1;', 'noExplicitAny'],
  ['a default export', 'export default 1;', 'noDefaultExport'],
  ['the environment', `export const a = process.env['PORT'];`, 'noProcessEnv'],
  ['a type imported as a value', `import { Sku } from './ids.ts';\nexport type A = Sku;`, 'useImportType'],
  ['a skipped test', `import { test } from 'vitest';\ntest.skip('a', () => {});`, 'noSkippedTests'],
  [
    'an import without its extension',
    `import type { Sku } from '../actors/ids';\nexport type B = Sku;`,
    'useImportExtensions',
  ],
];

const allowedInKinds = [
  `import { paise } from '../ids.ts';`,
  `import { accept } from '../runtime/kind.ts';`,
  `import type { SkuView } from '../sku/sku.ts';`,
  `import { MAX_LINES } from './cart.ts';`,
  'export const a: readonly [typeof accept, number, SkuView | undefined] = [accept, paise(MAX_LINES), undefined];',
].join('\n');

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'haat-lint-')));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** One run of the linter, with this project's rules, over all samples: file → what it said. */
function lintSamples(): Map<string, string> {
  cpSync(join(root, 'biome.json'), join(dir, 'biome.json'));
  cpSync(join(root, 'config/lint'), join(dir, 'config/lint'), { recursive: true });
  writeFileSync(join(dir, '.gitignore'), 'node_modules/\n');
  for (const folder of ['actors/cart', 'bench', 'gateway']) mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, 'actors/ids.ts'), 'export type Sku = string;\n');
  const sample = (file: string, source: string): void => writeFileSync(join(dir, file), `${source}\n`);
  for (const [index, [, source]] of refusedInKinds.entries()) {
    sample(`actors/cart/sample-${index}.ts`, source);
    sample(`bench/sample-${index}.ts`, source);
  }
  for (const [index, [, source]] of refusedAnywhere.entries()) sample(`gateway/sample-${index}.ts`, source);
  sample('actors/cart/allowed.ts', allowedInKinds);

  const biome = join(root, 'node_modules', '.bin', 'biome');
  const args = ['lint', '--reporter=github', '--max-diagnostics=none', 'actors', 'bench', 'gateway'];
  const { stdout } = spawnSync(biome, args, { cwd: dir, encoding: 'utf8' });
  const said = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const file = /file=([^,]+),/.exec(line)?.[1];
    if (file === undefined) continue;
    const name = relative(dir, file);
    said.set(name, `${said.get(name) ?? ''}${line}\n`);
  }
  return said;
}

const said = lintSamples();

test.each(refusedInKinds.map(([what, , message], index) => ({ what, message, index })))(
  'an actor kind may not use $what',
  ({ message, index }) => {
    expect(said.get(`actors/cart/sample-${index}.ts`)).toContain(message);
    expect(said.get(`bench/sample-${index}.ts`) ?? '').not.toContain(message);
  },
);

test('an actor kind may use what is its own, kind.ts, ids and the types of another kind', () => {
  expect(said.get('actors/cart/allowed.ts')).toBeUndefined();
});

test.each(refusedAnywhere.map(([what, , rule], index) => ({ what, rule, index })))(
  'nowhere: $what',
  ({ rule, index }) => {
    expect(said.get(`gateway/sample-${index}.ts`)).toContain(rule);
  },
);
