/** What the person at the terminal sees: progress while things start, then what runs where. */
import { styleText } from 'node:util';

export type Place = { readonly name: string; readonly pid: number | undefined; readonly where: string };

type Step = { text: string; state: 'working' | 'done' | 'failed'; readonly since: number; took: number };

const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #steps = new Map<string, Step>();
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  begin(): void {
    this.#out.write('\n');
    if (!this.#out.isTTY) return;
    this.#timer = setInterval(() => this.#draw(), 80);
    this.#timer.unref();
  }

  /** One line per step; a new text replaces the old one on a terminal, and is a line of its own elsewhere. */
  step(name: string, text: string): void {
    const known = this.#steps.get(name);
    if (known?.text === text) return;
    this.#steps.set(name, { text, state: 'working', since: known?.since ?? Date.now(), took: 0 });
    if (!this.#out.isTTY) this.#out.write(`  ${name}: ${text}\n`);
  }

  done(name: string, text: string): void {
    this.#finish(name, text, 'done');
  }

  failed(name: string): void {
    const step = this.#steps.get(name);
    if (step?.state === 'working') this.#finish(name, `${step.text}: failed`, 'failed');
  }

  #finish(name: string, text: string, state: 'done' | 'failed'): void {
    const since = this.#steps.get(name)?.since ?? Date.now();
    const took = (Date.now() - since) / 1000;
    this.#steps.set(name, { text, state, since, took });
    if (!this.#out.isTTY) this.#out.write(`  ${name}: ${text} (${took.toFixed(1)} s)\n`);
  }

  /** Ends the moving part. */
  settle(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#out.isTTY) this.#draw();
    this.#steps.clear();
    this.#drawn = 0;
  }

  table(title: string, rows: readonly (readonly [string, string])[], places: readonly Place[]): void {
    const width = Math.max(...rows.map(([name]) => name.length), ...places.map(({ name }) => name.length));
    const lines = [
      '',
      `  ${styleText('bold', title)}`,
      '',
      ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
      '',
      ...places.map(({ name, pid, where }) =>
        styleText(
          'dim',
          `  ${name.padEnd(width)}  ${pid === undefined ? 'not ours' : `pid ${pid}`}`.padEnd(width + 18) + where,
        ),
      ),
    ];
    this.#out.write(`${lines.join('\n')}\n\n`);
  }

  /** Something that happened later. */
  say(text: string): void {
    this.#out.write(`  ${styleText('dim', new Date().toTimeString().slice(0, 8))}  ${text}\n`);
  }

  #draw(): void {
    const frame = FRAMES[Math.floor(Date.now() / 80) % FRAMES.length] ?? '';
    const width = Math.max(0, ...[...this.#steps.keys()].map((name) => name.length));
    const room = Math.max(20, (this.#out.columns || 80) - 1);
    const lines = [...this.#steps].map(([name, { text, state, since, took }]) => {
      const seconds = state === 'working' ? (Date.now() - since) / 1000 : took;
      const line = ` ${name.padEnd(width)}  ${text}  ${seconds.toFixed(1)} s`.slice(0, room - 3);
      const mark = { working: styleText('cyan', frame), done: styleText('green', '✓'), failed: styleText('red', '✗') };
      return `  ${mark[state]}${line}\x1b[K\n`;
    });
    this.#out.write(`${this.#drawn > 0 ? `\x1b[${this.#drawn}A` : ''}${lines.join('')}`);
    this.#drawn = lines.length;
  }
}
