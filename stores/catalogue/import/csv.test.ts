import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CsvRow, csvRows } from './csv.ts';

async function rows(chunks: readonly string[]): Promise<CsvRow[]> {
  async function* source() {
    yield* chunks;
  }
  const found: CsvRow[] = [];
  for await (const row of csvRows(source())) found.push(row);
  return found;
}

test.each<[string, (readonly string[])[]]>([
  [
    'a,b\nc,d\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'a,,\r\n,"",b',
    [
      ['a', '', ''],
      ['', '', 'b'],
    ],
  ],
  ['"a ""quoted"" b","c,d","e\r\nf"', [['a "quoted" b', 'c,d', 'e\nf']]],
  ['5" screen,"x"', [['5" screen', 'x']]],
  ['\n\na\n\n', [['a']]],
  ['', []],
])('%j', async (text, expected) => {
  const found = await rows([text]);
  expect(found.map((row) => ('fields' in row ? row.fields : row.malformed))).toEqual(expected);
});

test('bad rows cost their own line; the others keep their numbers', async () => {
  const found = await rows(['h\n"x"y\n"open\na\n"two\nlines"\n', '"never\nlast']);
  expect(found).toEqual([
    { line: 1, fields: ['h'] },
    { line: 2, malformed: expect.stringContaining('text after a closing quote') },
    { line: 3, malformed: expect.stringContaining('text after a closing quote') },
    { line: 4, fields: ['a'] },
    { line: 5, fields: ['two\nlines'] },
    { line: 7, malformed: expect.stringContaining('not closed') },
    { line: 8, fields: ['last'] },
  ]);
});

test('what was written comes back, however it is cut into chunks', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' '), maxLength: 6 });
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 7 }), async (records, size) => {
      const text = records
        .map((record) => record.map((each) => `"${each.replaceAll('"', '""')}"`).join(','))
        .join('\n');
      const chunks = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
      const found = await rows(chunks);
      expect(found.map((row) => ('fields' in row ? row.fields : row.malformed))).toEqual(records);
    }),
  );
});
