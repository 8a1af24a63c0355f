/**
 * Every change of the simulator's books as a line of JSON, appended in batches. What was answered has been given to the
 * operating system before, so that a killed simulator forgets nothing that it has told anybody.
 */
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export class Journal<Entry> {
  readonly #file: FileHandle;
  #lines: string[] = [];
  #writing: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** `replay` gets every entry of earlier runs first. A last line that was cut off is dropped. */
  static async open<Entry>(path: string, replay: (entry: Entry) => void): Promise<Journal<Entry>> {
    await mkdir(dirname(path), { recursive: true });
    const earlier = await readFile(path, 'utf8').catch(() => '');
    const end = earlier.lastIndexOf('\n') + 1;
    for (const line of earlier.slice(0, end).split('\n')) if (line !== '') replay(JSON.parse(line));
    const file = await open(path, 'a');
    await file.truncate(Buffer.byteLength(earlier.slice(0, end)));
    return new Journal<Entry>(file);
  }

  /** Resolves when the entries are written. */
  append(...entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) this.#lines.push(`${JSON.stringify(entry)}\n`);
    this.#writing ??= this.#write();
    return this.#writing;
  }

  async #write(): Promise<void> {
    // What else is asked for in this turn of the event loop goes along.
    await new Promise((resolve) => setImmediate(resolve));
    // One write at a time, in order: what comes meanwhile is the next one's.
    await this.#last;
    const lines = this.#lines.join('');
    this.#lines = [];
    this.#writing = undefined;
    this.#last = this.#file.appendFile(lines);
    await this.#last;
  }

  async close(): Promise<void> {
    while (this.#writing) await this.#writing;
    await this.#last;
    await this.#file.close();
  }
}
