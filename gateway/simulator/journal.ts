/**
 * Lines of JSON, appended in batches. What was answered has been given to the operating system before, so that a killed
 * process forgets nothing that it has told anybody. (A power cut may take the last seconds: it is a simulator.)
 */
import { createReadStream, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

export class Journal<Entry> {
  readonly #file: FileHandle;
  #lines: string[] = [];
  #writing: Promise<void> | undefined;
  #failed: unknown;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** `replay` gets every entry of earlier runs first. A last line that was cut off is dropped: nobody was told of it. */
  static async open<Entry>(path: string, replay: (entry: Entry) => void): Promise<Journal<Entry>> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, 'a+');
    try {
      await file.truncate(await replayed(path, replay));
    } catch (error) {
      await file.close();
      throw error;
    }
    return new Journal<Entry>(file);
  }

  /**
   * Resolves when the entry is written. After a write that failed nothing is taken any more: what the file holds then
   * is known only by reading it again.
   */
  append(entry: Entry): Promise<void> {
    this.#lines.push(`${JSON.stringify(entry)}\n`);
    this.#writing ??= this.#write();
    return this.#writing;
  }

  async #write(): Promise<void> {
    // What else is asked for in this turn of the event loop goes along.
    await new Promise((resolve) => setImmediate(resolve));
    let rest = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    this.#writing = undefined;
    if (this.#failed !== undefined) throw this.#failed;
    try {
      // To the page cache and back takes less than handing it to a thread of the pool.
      while (rest.length > 0) rest = rest.subarray(writeSync(this.#file.fd, rest));
    } catch (error) {
      this.#failed = error;
      throw error;
    }
  }

  async close(): Promise<void> {
    try {
      while (this.#writing) await this.#writing;
    } finally {
      await this.#file.close();
    }
  }
}

const NEWLINE = 10;

/** Resolves with the length of the whole lines. Read piece by piece: the file may be larger than a string can be. */
async function replayed<Entry>(path: string, replay: (entry: Entry) => void): Promise<number> {
  let rest: Buffer = Buffer.alloc(0);
  let length = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1_048_576 })) {
    const bytes = Buffer.concat([rest, piece]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    for (const line of bytes.toString('utf8', 0, end).split('\n')) if (line !== '') replay(JSON.parse(line));
    rest = bytes.subarray(end);
    length += end;
  }
  return length;
}
