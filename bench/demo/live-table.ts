/** A few lines at the bottom of the terminal that change in place; without a terminal, one plain line now and then. */
const EVERY_MS = process.stdout.isTTY ? 250 : 5_000;

export class LiveTable {
  readonly #lines: () => readonly string[];
  readonly #timer: NodeJS.Timeout;
  #shown = 0;

  constructor(lines: () => readonly string[]) {
    this.#lines = lines;
    this.#timer = setInterval(() => this.#show(), EVERY_MS);
  }

  /** Shows the last state once more and leaves it standing. */
  end(): void {
    clearInterval(this.#timer);
    this.#show();
  }

  #show(): void {
    const lines = this.#lines();
    if (process.stdout.isTTY) {
      if (this.#shown > 0) process.stdout.write(`\u001b[${this.#shown}A\u001b[0J`);
      process.stdout.write(`${lines.join('\n')}\n`);
      this.#shown = lines.length;
    } else {
      process.stdout.write(`${lines.map((line) => line.trim()).join(' | ')}\n`);
    }
  }
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): readonly string[] {
  const text = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-IN') : cell)));
  const widths: number[] = [];
  for (const row of text) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return text.map((row, r) =>
    row
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        return i > 0 || typeof rows[r]?.[i] === 'number' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('   '),
  );
}
