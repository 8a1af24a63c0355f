/**
 * Requests at a small price, for load beyond what a system can do: connections kept alive, bodies as text, no retries. A
 * request that finds no connection free waits, and its time counts from when it was asked for.
 */
import { type Dispatcher, Pool } from 'undici';

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

export class Wire {
  readonly #pool: Pool;

  constructor(base: string, connections: number) {
    this.#pool = new Pool(base, { connections, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  }

  ask({ method, path, token, key, body }: Ask): Promise<Told> {
    const began = performance.now();
    return new Promise((resolve) => {
      let status = 0;
      let retryAfterMs = 0;
      let text = '';
      let settled = false;
      const settle = (): void => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        resolve({ status, ms: performance.now() - began, retryAfterMs, text });
      };
      const timer = setTimeout(() => {
        status = 0;
        settle();
      }, TIMEOUT_MS);
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart: () => undefined,
        onResponseStart(_controller, code, headers) {
          status = code;
          retryAfterMs = Number(headers['retry-after'] ?? 0) * 1_000;
        },
        onResponseData(_controller, chunk) {
          text += chunk.toString();
        },
        onResponseEnd: settle,
        onResponseError() {
          status = 0;
          settle();
        },
      };
      const options: Dispatcher.DispatchOptions = {
        method,
        path,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      };
      this.#pool.dispatch(options, handler);
    });
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
