/**
 * Requests at a small price, for load beyond what a system can do: connections kept alive, bodies as text, no retries. A
 * request that finds no connection free waits, and its time counts from when it was asked for.
 */
import { Connection } from '../load/connection.ts';

export type Ask = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string;
  readonly key?: string;
  readonly body?: unknown;
};

/** `status` 0: no answer, or not in time. */
export type Told = {
  readonly status: number;
  readonly ms: number;
  readonly retryAfterMs: number;
  readonly text: string;
};

const TIMEOUT_MS = 10_000;
const NO_ANSWER = { status: 0, text: '' } as const;
const RETRY_AFTER = /\r\nretry-after: *(\d+)/i;

export class Wire {
  readonly #base: string;
  readonly #most: number;
  readonly #open = new Set<Connection>();
  readonly #free: Connection[] = [];
  readonly #waiting: ((connection: Connection) => void)[] = [];

  constructor(base: string, connections: number) {
    this.#base = base;
    this.#most = connections;
  }

  async ask(request: Ask): Promise<Told> {
    const began = performance.now();
    const connection = await this.#connection();
    const { status, text } = await this.#answer(connection, this.#written(request), began);
    const head = text.indexOf('\r\n\r\n');
    const retryAfter = status === 503 || status === 429 ? RETRY_AFTER.exec(text.slice(0, head))?.[1] : undefined;
    const retryAfterMs = Number(retryAfter ?? 0) * 1_000;
    return { status, ms: performance.now() - began, retryAfterMs, text: text.slice(head + 4) };
  }

  close(): void {
    for (const connection of this.#open) connection.close();
  }

  async #answer(connection: Connection, request: string, began: number): Promise<{ status: number; text: string }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), Math.max(1, began + TIMEOUT_MS - performance.now()));
    });
    const told = await Promise.race([connection.ask(request).catch(() => NO_ANSWER), late]);
    clearTimeout(timer);
    if (told !== undefined) this.#release(connection);
    else {
      // What it may still answer is nobody's.
      this.#open.delete(connection);
      connection.close();
      this.#waiting.shift()?.(this.#another());
    }
    return told ?? NO_ANSWER;
  }

  #connection(): Connection | Promise<Connection> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#open.size < this.#most) return this.#another();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #another(): Connection {
    const connection = new Connection(this.#base);
    this.#open.add(connection);
    return connection;
  }

  #release(connection: Connection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(connection);
    else next(connection);
  }

  #written({ method, path, token, key, body }: Ask): string {
    const text = body === undefined ? '' : JSON.stringify(body);
    return (
      `${method} ${path} HTTP/1.1\r\nhost: bench\r\n` +
      (token === undefined ? '' : `authorization: Bearer ${token}\r\n`) +
      (key === undefined ? '' : `idempotency-key: ${key}\r\n`) +
      (body === undefined
        ? '\r\n'
        : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
    );
  }
}
