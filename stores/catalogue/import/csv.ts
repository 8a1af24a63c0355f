/**
 * CSV (RFC 4180) that recovers. A quote that is never closed would swallow the rest of the file; the usual parsers
 * give up there, or lose what follows. Here it costs its own line: a row that does not end within the bound is
 * reported as its first line, and reading goes on with the second.
 */
export type CsvRow =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly malformed: string };

/** A row is not longer than this; in lines, and in characters. */
const ROW_LINES = 200;
const ROW_LENGTH = 1_000_000;

const FAULTS = { open: 'a quote is opened and not closed', broken: 'text after a closing quote' } as const;

/** Rows in the order of the file, each with the line that it starts on, from 1. Empty lines are no rows. */
export async function* csvRows(text: AsyncIterable<string>): AsyncGenerator<CsvRow> {
  let line = 1;
  /** Lines of the row that is not complete yet. */
  let open: string[] = [];
  function* take(more: readonly string[], isLast: boolean): Generator<CsvRow> {
    // Lines that were taken for part of a row and turned out not to be come round again.
    const queue = [...more];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      open.push(next);
      const row = open.join('\n');
      const fields = splitRow(row);
      const tooLong = open.length >= ROW_LINES || row.length >= ROW_LENGTH || (isLast && queue.length === 0);
      if (fields === 'open' && !tooLong) continue;
      if (typeof fields === 'string') {
        // The quote that is wrong may well stand in the first line: the others get their chance.
        const [first = '', ...others] = open;
        yield { line, malformed: `${FAULTS[fields]}: ${first.slice(0, 80)}` };
        queue.unshift(...others);
        line += 1;
      } else {
        if (row !== '') yield { line, fields };
        line += open.length;
      }
      open = [];
    }
  }
  for await (const { lines, isLast } of linesOf(text)) yield* take(lines, isLast);
}

/** The fields of a row; `open`: it goes on in the next line. A quote inside an unquoted field is only a quote. */
export function splitRow(row: string): readonly string[] | 'open' | 'broken' {
  const fields: string[] = [];
  for (let at = 0; ; at += 1) {
    if (row[at] === '"') {
      const closing = closingQuote(row, at + 1);
      if (closing === -1) return 'open';
      fields.push(row.slice(at + 1, closing).replaceAll('""', '"'));
      at = closing + 1;
      if (at < row.length && row[at] !== ',') return 'broken';
    } else {
      const comma = row.indexOf(',', at);
      const end = comma === -1 ? row.length : comma;
      fields.push(row.slice(at, end));
      at = end;
    }
    if (at === row.length) return fields;
  }
}

function closingQuote(row: string, from: number): number {
  let at = row.indexOf('"', from);
  while (at !== -1 && row[at + 1] === '"') at = row.indexOf('"', at + 2);
  return at;
}

type Lines = { readonly lines: readonly string[]; readonly isLast: boolean };

async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<Lines> {
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    // Not text in lines at all; splitting it anywhere keeps the memory bounded and gives bad rows.
    if (rest.length > ROW_LENGTH) {
      lines.push(rest);
      rest = '';
    }
    yield { lines: lines.map(withoutReturn), isLast: false };
  }
  yield { lines: [withoutReturn(rest)], isLast: true };
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
