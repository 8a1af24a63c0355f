/** A CSV file as a stream of rows with their line numbers: plain or gzip, and no row of it stops the rest. */
import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type CsvRow, csvRows } from './csv.ts';
import { COLUMNS, type SourceRow } from './read-row.ts';

/** `line`: the one that the row starts on. */
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

/** Throws FileUnreadable, here or while its rows are read. */
export async function openProductFile(path: string): Promise<ProductFile> {
  const { size } = await stat(path).catch((cause: unknown) => {
    throw new FileUnreadable(`cannot read ${path}`, { cause });
  });
  const gzip = await startsWithGzip(path);
  // Small reads: how far the file has been read is how far the import is.
  const file = createReadStream(path, { highWaterMark: 32 * 1_024 });
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

async function* readRows(file: ReadStream, gzip: boolean, path: string): AsyncGenerator<FileRow> {
  // A failure of the file ends what is read from it too, which the loop below throws.
  const bytes = gzip ? pipeline(file, createGunzip(), () => {}) : file;
  let columns: Columns | undefined;
  let lastLine = 0;
  try {
    for await (const each of csvRows(bytes.setEncoding('utf8'))) {
      lastLine = each.line;
      if (columns === undefined) columns = readHeader(each, path);
      else yield 'malformed' in each ? each : toRow(each, columns);
    }
  } catch (cause) {
    if (cause instanceof FileUnreadable) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FileUnreadable(`${path} cannot be read beyond line ${lastLine}: ${why}`, { cause });
  } finally {
    file.destroy();
  }
  if (columns === undefined) throw new FileUnreadable(`${path} is empty`);
}

/** The name of each column; undefined for one that is not read. */
type Columns = readonly ((typeof COLUMNS)[number] | undefined)[];

function readHeader(header: CsvRow, path: string): Columns {
  const fields = 'fields' in header ? header.fields : [];
  const names = fields.map((name) => name.replace('\ufeff', '').trim().toLowerCase());
  const missing = REQUIRED.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new FileUnreadable(`${path} has no column ${missing.join(', ')}`);
  return names.map((name) => COLUMNS.find((known) => known === name));
}

function toRow({ line, fields }: Extract<CsvRow, { fields: unknown }>, columns: Columns): FileRow {
  if (fields.length !== columns.length) {
    return { line, malformed: `${fields.length} columns where the header has ${columns.length}` };
  }
  const entries = columns.flatMap((name, index) => (name === undefined ? [] : [[name, fields[index]] as const]));
  return { line, row: Object.fromEntries(entries) };
}
