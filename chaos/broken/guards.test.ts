import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../config/env.ts';
import { FAULT_NAMES } from '../faults/fault.ts';
import { GUARDS } from './guards.ts';

test.each(Object.entries(GUARDS))('%s is where it is taken out', (_name, { patches }) => {
  for (const { module, find } of patches) {
    const source = readFileSync(join(ROOT, module), 'utf8');
    expect(source.split(find), module).toHaveLength(2);
  }
});

test('every kind of fault has a guard that it needs', () => {
  expect(new Set(Object.values(GUARDS).map(({ fault }) => fault))).toEqual(new Set(FAULT_NAMES));
});
