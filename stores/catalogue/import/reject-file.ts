/** The rows that were not imported, as CSV, to be mended and imported again. Made with the first of them. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Rejected } from './import-products.ts';

export type RejectFile = {
  readonly add: (rejected: Rejected) => void;
  /** The path; undefined when there was nothing to write. */
  readonly close: () => Promise<string | undefined>;
};

/** Replaces the report of an earlier run of the same file. */
export async function createRejectFile(dataDir: string, source: string): Promise<RejectFile> {
  const folder = join(dataDir, 'imports');
  const path = join(
    folder,
    `${basename(source)
      .replace(/\.gz$/, '')
      .replace(/\.csv$/, '')}.rejected.csv`,
  );
  await mkdir(folder, { recursive: true });
  await rm(path, { force: true });
  let file: WriteStream | undefined;
  return {
    add(rejected) {
      if (file === undefined) {
        file = createWriteStream(path);
        // Told at the end, by `finished`.
        file.on('error', () => {});
        file.write('line,reason,detail,id,name\n');
      }
      const { line, reason, detail, id, name } = rejected;
      file.write(`${[String(line), reason, detail, id, name].map(field).join(',')}\n`);
    },
    async close() {
      if (file === undefined) return undefined;
      file.end();
      await finished(file);
      return path;
    },
  };
}

/** Quoted, and never taken for a formula by a spreadsheet (OWASP, CSV injection). */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
