/** A CSV file as a stream of rows with their line numbers: plain or gzip, and no row of it stops the rest. */
import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type CsvError, parse } from 'csv-parse';
import { COLUMNS, type SourceRow } from './read-row.ts';

/** `line`: the one that the row ends on. */
export type FileRow =
  | { readonly line: number; readonly row: SourceRow }
  /** Not CSV: a quote left open, too few or too many columns. */
  | { readonly line: number; readonly malformed: string };

export type ProductFile = {
  readonly rows: AsyncIterable<FileRow>;
  /** How much of the file has been read, 0–1. */
  readonly fraction: () => number;
};

/** The file as a whole cannot be used; the message is for the person who gave it. */
export class FileUnreadable extends Error {
  readonly code = 'file-unreadable';
  readonly retryable = false;
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'FileUnreadable';
  }
}

const REQUIRED = ['pid', 'product_name', 'category_tree', 'retail_price', 'discounted_price'];
/** Bounds what a quote that was left open can swallow. */
const ROW_BYTES = 1_000_000;

/** Throws FileUnreadable, here or while its rows are read. */
export async function openProductFile(path: string): Promise<ProductFile> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new FileUnreadable(`cannot read ${path}`, { cause });
  });
  const gzip = await startsWithGzip(path);
  const file = createReadStream(path, { highWaterMark: 256 * 1_024 });
  return {
    rows: readRows(file, gzip, path),
    fraction: () => (size === 0 ? 1 : Math.min(1, file.bytesRead / size)),
  };
}

async function startsWithGzip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b;
  } catch (cause) {
    throw new FileUnreadable(`cannot read ${path}`, { cause });
  } finally {
    await handle.close();
  }
}

async function* readRows(file: ReadStream, gzip: boolean, path: string): AsyncIterable<FileRow> {
  // The parser runs ahead of the loop below, so complaints wait until the rows before them have gone.
  const complaints: FileRow[] = [];
  let lastLine = 1;
  const parser = parse({
    bom: true,
    columns: (header: string[]) => {
      const names = header.map((name) => name.trim().toLowerCase());
      const missing = REQUIRED.filter((name) => !names.includes(name));
      if (missing.length > 0) throw new FileUnreadable(`${path} has no column ${missing.join(', ')}`);
      return names.map((name) => COLUMNS.find((known) => known === name) ?? false);
    },
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: ROW_BYTES,
    on_record: (row: SourceRow, { lines }): FileRow => {
      lastLine = lines;
      return { line: lines, row };
    },
    on_skip: (error: CsvError | undefined) => {
      if (typeof error?.lines === 'number') lastLine = error.lines;
      complaints.push({ line: lastLine, malformed: error?.message ?? 'not CSV' });
      return undefined;
    },
  });
  // A failure anywhere ends the parser with it, which the loop below throws.
  const ended = (): void => {};
  if (gzip) pipeline(file, createGunzip(), parser, ended);
  else pipeline(file, parser, ended);
  try {
    for await (const row of parser as AsyncIterable<FileRow>) {
      while (complaints[0] !== undefined && complaints[0].line < row.line) yield* complaints.splice(0, 1);
      yield row;
    }
    yield* complaints;
  } catch (cause) {
    if (cause instanceof FileUnreadable) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FileUnreadable(`${path} cannot be read beyond line ${lastLine}: ${why}`, { cause });
  } finally {
    file.destroy();
  }
}
