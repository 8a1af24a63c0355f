/** Server-sent events (WHATWG HTML §9.2): bounded in number and in life, alive by comments, ended when we close. */
import type { FastifyReply } from 'fastify';
import { type Refusal, refuse } from '../problems.ts';

/** Streams open at a time: of one user, and in all. */
export type StreamBounds = { readonly perUser: number; readonly altogether: number };
const BOUNDS: StreamBounds = { perUser: 5, altogether: 5_000 };
/** A stream ends then and the client comes back with Last-Event-ID: nothing forgotten stays open for ever. */
const MAX_LIFE_MS = 10 * 60_000;
/** Below the idle time-outs of proxies. */
export const HEARTBEAT_MS = 15_000;
/** A client that does not read is let go before its backlog grows. */
const MAX_BACKLOG_BYTES = 64 * 1_024;

export type ServerEvent = { readonly id: number; readonly event: string; readonly data: unknown };

export type EventStream = {
  readonly send: (event: ServerEvent) => void;
  /** Keeps proxies from taking the silence for death. */
  readonly beat: () => void;
  /** Aborts when the client goes, the stream's time is over, or the gateway closes. */
  readonly signal: AbortSignal;
};

export class EventStreams {
  readonly #open = new Map<string, Set<AbortController>>();
  #count = 0;
  readonly #onChange: (change: 1 | -1) => void;

  readonly #bounds: StreamBounds;

  constructor(onChange: (change: 1 | -1) => void, bounds: StreamBounds = BOUNDS) {
    this.#onChange = onChange;
    this.#bounds = bounds;
  }

  /** Why this user gets no more streams now. */
  refusal(user: string): Refusal | undefined {
    const { perUser, altogether } = this.#bounds;
    if ((this.#open.get(user)?.size ?? 0) >= perUser) {
      return refuse('too-many-streams', { detail: `At most ${perUser} at a time.`, headers: { 'retry-after': '5' } });
    }
    return this.#count >= altogether ? refuse('overloaded') : undefined;
  }

  /** Takes the answer over and runs `work` until it is done or the stream has to end. */
  async run(
    reply: FastifyReply,
    user: string,
    until: number,
    work: (stream: EventStream) => Promise<void>,
  ): Promise<void> {
    const controller = this.#enter(user);
    const { raw } = reply;
    const end = (): void => controller.abort();
    const life = setTimeout(end, Math.max(0, Math.min(MAX_LIFE_MS, until - Date.now())));
    reply.hijack();
    raw.on('close', end);
    raw.on('error', end);
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    // How long a client waits before it comes back, with jitter so that not all come at once.
    raw.write(`retry: ${1_000 + Math.floor(Math.random() * 2_000)}\n\n`);
    const write = (text: string): void => {
      if (controller.signal.aborted) return;
      raw.write(text);
      if (raw.writableLength > MAX_BACKLOG_BYTES) end();
    };
    try {
      await work({
        signal: controller.signal,
        beat: () => write(':\n\n'),
        send: ({ id, event, data }) => write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      });
    } finally {
      clearTimeout(life);
      this.#leave(user, controller);
      raw.end();
    }
  }

  closeAll(): void {
    for (const streams of this.#open.values()) for (const stream of streams) stream.abort();
  }

  #enter(user: string): AbortController {
    const controller = new AbortController();
    const streams = this.#open.get(user) ?? new Set();
    this.#open.set(user, streams.add(controller));
    this.#count++;
    this.#onChange(1);
    return controller;
  }

  #leave(user: string, controller: AbortController): void {
    const streams = this.#open.get(user);
    streams?.delete(controller);
    if (streams?.size === 0) this.#open.delete(user);
    this.#count--;
    this.#onChange(-1);
  }
}
