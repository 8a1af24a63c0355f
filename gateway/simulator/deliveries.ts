/**
 * Webhooks on their way: signed, tried again with backoff until they are answered 2xx, as Razorpay does for a day. What
 * the settings spoil (repeats, disorder, losses) is for tests of the receiving side.
 */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { Logger } from 'pino';
import type { Books, WebhookEvent } from './books.ts';
import type { SimulatorSettings } from './settings.ts';

const TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const ATTEMPTS = 2_000;
const AT_ONCE = 64;

export class Deliveries {
  readonly #books: Books;
  readonly #url: URL;
  readonly #secret: string;
  readonly #settings: SimulatorSettings;
  readonly #log: Logger;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  readonly #timers = new Set<NodeJS.Timeout>();
  #held: WebhookEvent | undefined;
  #stopped = false;

  constructor(parts: { books: Books; url: string; secret: string; settings: SimulatorSettings; log: Logger }) {
    this.#books = parts.books;
    this.#url = new URL(parts.url);
    this.#secret = parts.secret;
    this.#settings = parts.settings;
    this.#log = parts.log;
  }

  /** Sends what an earlier run still owed. */
  resume(): void {
    for (const event of this.#books.undelivered()) this.#later(event, 0, FIRST_PAUSE_MS);
  }

  send(event: WebhookEvent): void {
    const { delayMs, duplicates, reorder } = this.#settings.webhooks;
    if (reorder && this.#held === undefined) {
      // Goes out behind the next one, or by itself after a while.
      this.#held = event;
      this.#later(event, 0, 1_000);
      return;
    }
    for (let copy = 0; copy <= duplicates; copy++) this.#later(event, 0, delayMs);
    this.#held = undefined;
  }

  #later(event: WebhookEvent, attempt: number, ms: number): void {
    if (this.#stopped) return;
    if (ms <= 0) {
      void this.#try(event, attempt);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#try(event, attempt);
    }, ms);
    this.#timers.add(timer);
  }

  async #try(event: WebhookEvent, attempt: number): Promise<void> {
    if (this.#settings.webhooks.dropNext > 0) {
      this.#settings.webhooks.dropNext--;
      this.#again(event, attempt);
      return;
    }
    const status = await this.#post(event).catch(() => 0);
    if (status >= 200 && status < 300) await this.#books.delivered(event.id);
    else this.#again(event, attempt, status);
  }

  #again(event: WebhookEvent, attempt: number, status?: number): void {
    if (attempt + 1 >= ATTEMPTS) {
      this.#log.error({ event: 'webhook-given-up', id: event.id, status });
      return;
    }
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
    this.#later(event, attempt + 1, pause * (0.5 + Math.random()));
  }

  #post({ id, body }: WebhookEvent): Promise<number> {
    const signature = createHmac('sha256', this.#secret).update(body).digest('hex');
    return new Promise((resolve, reject) => {
      const outgoing = request(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          timeout: TIMEOUT_MS,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            'user-agent': 'Razorpay-Webhook/v1',
            'x-razorpay-signature': signature,
            'x-razorpay-event-id': id,
          },
        },
        (incoming) => {
          incoming.resume();
          incoming.on('end', () => resolve(incoming.statusCode ?? 0));
          incoming.on('error', reject);
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error('timed out')));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#agent.destroy();
  }
}
