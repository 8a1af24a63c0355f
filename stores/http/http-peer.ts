/**
 * Requests to one host over kept connections, at half of what `node:http` takes: bounded in time as a whole, in bytes
 * and in connections, without redirects, proxies from the environment, or retries.
 */
import { type Dispatcher, Pool } from 'undici';

export type HttpPeerOptions = {
  /** More requests than this wait for a connection. Default 128. */
  readonly connections?: number;
  /** From the call to the last byte, waiting included. Default 5,000. */
  readonly timeoutMs?: number;
  /** Of an answer's body. Default 1 MiB. */
  readonly maxBytes?: number;
};

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type HttpAnswer = { readonly status: number; readonly text: string };

/** Nobody answered, or not in time, or too much. `code`: `timeout`, `answer-too-long`, or the system's word. */
export class NoAnswer extends Error {
  readonly code: string;
  constructor(code: string, options?: { cause: unknown }) {
    super(`no answer: ${code}`, options);
    this.name = 'NoAnswer';
    this.code = code;
  }
}

export class HttpPeer {
  readonly #pool: Pool;
  readonly #timeoutMs: number;
  readonly #maxBytes: number;

  constructor(origin: string, { connections = 128, timeoutMs = 5_000, maxBytes = 1_048_576 }: HttpPeerOptions = {}) {
    this.#timeoutMs = timeoutMs;
    this.#maxBytes = maxBytes;
    // Times are kept by the exchange itself, as one bound.
    const none = { headersTimeout: 0, bodyTimeout: 0 };
    this.#pool = new Pool(origin, { connections, pipelining: 1, connect: { timeout: timeoutMs }, ...none });
  }

  /** Rejects with NoAnswer. */
  send(request: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const { body = null } = request;
      const exchange = new OneExchange(this.#timeoutMs, this.#maxBytes, resolve, reject);
      this.#pool.dispatch({ ...request, body }, exchange);
    });
  }

  close(): void {
    this.#pool.destroy().catch(() => undefined);
  }
}

class OneExchange implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: NoAnswer) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #parts: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #bytes = 0;
  #over = false;

  constructor(
    timeoutMs: number,
    maxBytes: number,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: NoAnswer) => void,
  ) {
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#giveUp('timeout'), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Its time was over before it had a connection.
    if (this.#over) controller.abort(new NoAnswer('timeout'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_: Dispatcher.DispatchController, part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) this.#giveUp('answer-too-long');
    else this.#parts.push(part);
  }

  onResponseEnd(): void {
    if (!this.#end()) return;
    const [first] = this.#parts;
    const body = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    this.#resolve({ status: this.#status, text: body.toString() });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'unreachable';
    if (this.#end()) this.#reject(new NoAnswer(code, { cause: error }));
  }

  #giveUp(code: string): void {
    if (!this.#end()) return;
    const error = new NoAnswer(code);
    this.#reject(error);
    this.#controller?.abort(error);
  }

  /** True for the first who says so. */
  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    return true;
  }
}
