/**
 * A small HTTP client for load from this machine: keep-alive connections, JSON, a time-out on every request. It knows
 * nothing of shopping. `patiently` is what a good client does when a server dies under it: the same request with the
 * same Idempotency-Key, until it has an answer or the time is over.
 */
import { Agent, request as send } from 'node:http';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: documents of the API, read by name; a wrong shape fails the run
  readonly body: any;
  readonly ms: number;
};

export type Request = {
  readonly method: string;
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** The server could not be reached, or did not answer in time: what was asked may or may not have happened. */
export class NoAnswer extends Error {
  constructor(request: Request, cause: unknown) {
    super(`${request.method} ${request.path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'NoAnswer';
  }
}

const TIMEOUT_MS = 15_000;

export class HttpClient {
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor(base: string, connections = 128, timeoutMs = TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
    this.#base = new URL(base);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'lifo' });
  }

  /** Throws NoAnswer. */
  ask(request: Request): Promise<Answer> {
    const began = performance.now();
    const payload = request.body === undefined ? undefined : JSON.stringify(request.body);
    const headers: Record<string, string | number> = { ...request.headers };
    if (payload !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(payload);
    }
    if (request.token !== undefined) headers.authorization = `Bearer ${request.token}`;
    return new Promise((resolve, reject) => {
      const outgoing = send(
        {
          agent: this.#agent,
          hostname: this.#base.hostname,
          port: this.#base.port,
          method: request.method,
          path: request.path,
          headers,
          timeout: this.#timeoutMs,
        },
        (incoming) => {
          const parts: Buffer[] = [];
          incoming.on('data', (part: Buffer) => parts.push(part));
          incoming.on('error', (error) => reject(new NoAnswer(request, error)));
          incoming.on('end', () => {
            const text = Buffer.concat(parts).toString();
            const json = /json/.test(incoming.headers['content-type'] ?? '');
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: json && text !== '' ? JSON.parse(text) : text,
              ms: performance.now() - began,
            });
          });
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
      outgoing.on('error', (error) => reject(new NoAnswer(request, error)));
      outgoing.end(payload);
    });
  }

  /** Asks again after no answer, 429, 502, 503 and 504, and after 409 `request-running`, until `withinMs` is over. */
  async patiently(request: Request, withinMs: number): Promise<Answer> {
    const end = performance.now() + withinMs;
    for (let attempt = 0; ; attempt++) {
      let answer: Answer | undefined;
      let failure: unknown;
      try {
        answer = await this.ask(request);
        if (!shouldAskAgain(answer)) return answer;
      } catch (error) {
        failure = error;
      }
      const after = Number(answer?.headers['retry-after'] ?? 0) * 1000;
      const pause = Math.max(Math.min(after, 2_000), Math.min(2_000, 50 * 2 ** attempt)) * (0.5 + Math.random());
      if (performance.now() + pause > end) {
        if (answer) return answer;
        throw failure;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Server-sent events until `done` says so or the time is over; resolves with whether it did. Throws NoAnswer. */
  events(
    request: Request,
    done: (event: { readonly id: string; readonly data: unknown }) => boolean,
    withinMs: number,
  ): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const outgoing = send({
        agent: this.#agent,
        hostname: this.#base.hostname,
        port: this.#base.port,
        method: 'GET',
        path: request.path,
        headers: {
          accept: 'text/event-stream',
          ...request.headers,
          ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
        },
      });
      const finish = (seen: boolean): void => {
        clearTimeout(timer);
        resolve(seen);
        outgoing.destroy();
      };
      const timer = setTimeout(() => finish(false), withinMs);
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        reject(new NoAnswer(request, error));
      });
      outgoing.on('response', (incoming) => {
        if (incoming.statusCode !== 200) return finish(false);
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (part: string) => {
          text += part;
          for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
            const event = parseEvent(text.slice(0, end));
            text = text.slice(end + 2);
            if (event && done(event)) return finish(true);
          }
        });
        incoming.on('end', () => finish(false));
        incoming.on('error', () => finish(false));
      });
      outgoing.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function shouldAskAgain({ status, body }: Answer): boolean {
  if (status === 429 || status === 502 || status === 503 || status === 504) return true;
  return status === 409 && body?.code === 'request-running';
}

function parseEvent(block: string): { id: string; data: unknown } | undefined {
  let id = '';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('id:')) id = line.slice(3).trim();
    else if (line.startsWith('data:')) data += line.slice(5).trim();
  }
  return data === '' ? undefined : { id, data: JSON.parse(data) };
}
