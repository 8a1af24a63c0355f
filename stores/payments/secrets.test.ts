import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseSecrets, secretsInFile } from './secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'haat-secrets-'));
const path = join(folder, 'secret');
afterEach(() => rmSync(path, { force: true }));

describe('secrets', () => {
  it('are several, by commas or lines, the first one signs', () => {
    expect(parseSecrets('one')).toEqual(['one']);
    expect(parseSecrets(' new , old \n')).toEqual(['new', 'old']);
    expect(parseSecrets('new\nold\n')).toEqual(['new', 'old']);
    for (const nothing of ['', '\n', ' , ']) expect(() => parseSecrets(nothing)).toThrow('no secret');
  });

  it('in a file are changed while it runs, looked at once a second', () => {
    let now = 0;
    writeFileSync(path, 'one');
    const secrets = secretsInFile(path, { clock: () => now });
    expect(secrets()).toEqual(['one']);
    writeFileSync(path, 'two,one');
    expect(secrets()).toEqual(['one']);
    now = 1_001;
    expect(secrets()).toEqual(['two', 'one']);
    // As a mounted secret changes: another file under the same name, of the same length.
    writeFileSync(`${path}.new`, 'six,one');
    renameSync(`${path}.new`, path);
    now = 2_002;
    expect(secrets()).toEqual(['six', 'one']);
  });

  it('stay as they were while the file is gone or empty, and come back with it', () => {
    let now = 0;
    writeFileSync(path, 'one');
    const secrets = secretsInFile(path, { clock: () => now });
    rmSync(path);
    now += 1_001;
    expect(secrets()).toEqual(['one']);
    writeFileSync(path, '\n');
    now += 1_001;
    expect(secrets()).toEqual(['one']);
    writeFileSync(path, 'two');
    now += 1_001;
    expect(secrets()).toEqual(['two']);
  });

  it('that cannot be read at the start are told at the start', () => {
    expect(() => secretsInFile(join(folder, 'none'))).toThrow('ENOENT');
    writeFileSync(path, '');
    expect(() => secretsInFile(path)).toThrow('no secret');
  });
});
