/**
 * Webhooks on their way, at least once and in no order that can be relied on: signed, and tried again with backoff until
 * they are answered 2xx, for a day, as Razorpay does (https://razorpay.com/docs/webhooks/best-practices). The pauses are
 * shorter than Razorpay's. What the settings spoil (repeats, disorder, losses) is for tests of the receiving side.
 */
import type { Logger } from 'pino';
import { HttpPeer } from '../../stores/http/http-peer.ts';
import type { WebhookTrouble } from './settings.ts';

/** `at`: seconds since the epoch. */
export type Sendable = { readonly id: string; readonly name: string; readonly at: number };

type Parts<Webhook extends Sendable> = {
  readonly url: string;
  readonly settings: WebhookTrouble;
  readonly log: Logger;
  /** As it is sent now. */
  readonly message: (webhook: Webhook) => { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  /** It was taken, and is not owed any more. */
  readonly delivered: (id: string) => Promise<void>;
};

const TIMEOUT_MS = 5_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const GIVEN_UP_AFTER_S = 24 * 3_600;
const AT_ONCE = 64;
/** How long a webhook waits for another to overtake it. */
const OVERTAKEN_WITHIN_MS = 1_000;

export class Deliveries<Webhook extends Sendable> {
  readonly #parts: Parts<Webhook>;
  readonly #peer: HttpPeer;
  readonly #path: string;
  readonly #settings: WebhookTrouble;
  readonly #log: Logger;
  readonly #timers = new Set<NodeJS.Timeout>();
  #waitsToBeOvertaken = false;
  #stopped = false;

  constructor(parts: Parts<Webhook>) {
    this.#parts = parts;
    const { origin, pathname, search } = new URL(parts.url);
    this.#peer = new HttpPeer(origin, { connections: AT_ONCE, timeoutMs: TIMEOUT_MS });
    this.#path = `${pathname}${search}`;
    this.#settings = parts.settings;
    this.#log = parts.log;
  }

  /** Sends what an earlier run still owed. */
  resume(owed: readonly Webhook[]): void {
    if (owed.length > 0) this.#log.info({ event: 'webhooks-resumed', count: owed.length });
    for (const webhook of owed) this.#later(webhook, 0, FIRST_PAUSE_MS * (0.5 + Math.random()));
  }

  send(webhook: Webhook): void {
    const { delayMs, duplicates, reorder } = this.#settings;
    if (this.#settings.missNext > 0) {
      this.#settings.missNext -= 1;
      void this.#done(webhook);
      return;
    }
    this.#waitsToBeOvertaken = reorder && !this.#waitsToBeOvertaken;
    const waitMs = this.#waitsToBeOvertaken ? OVERTAKEN_WITHIN_MS : delayMs;
    for (let copy = 0; copy <= duplicates; copy += 1) this.#later(webhook, 0, waitMs);
  }

  #later(webhook: Webhook, attempt: number, ms: number): void {
    if (this.#stopped) return;
    if (ms <= 0) {
      void this.#try(webhook, attempt);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#try(webhook, attempt);
    }, ms);
    this.#timers.add(timer);
  }

  async #try(webhook: Webhook, attempt: number): Promise<void> {
    const lost = this.#settings.dropNext > 0;
    if (lost) this.#settings.dropNext -= 1;
    const status = lost ? 0 : await this.#post(webhook).catch(() => 0);
    if (status < 200 || status >= 300) {
      this.#again(webhook, attempt, status);
      return;
    }
    await this.#done(webhook);
  }

  /** If this cannot be written, it is sent once more after a restart. */
  async #done({ id }: Webhook): Promise<void> {
    await this.#parts.delivered(id).catch((err: unknown) => this.#log.error({ event: 'journal-failed', err }));
  }

  #again(webhook: Webhook, attempt: number, status: number): void {
    if (Date.now() / 1_000 - webhook.at > GIVEN_UP_AFTER_S) {
      this.#log.error({ event: 'webhook-given-up', id: webhook.id, name: webhook.name, status });
      return;
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
    this.#later(webhook, attempt + 1, pauseMs * (0.5 + Math.random()));
  }

  async #post(webhook: Webhook): Promise<number> {
    const { headers, body } = this.#parts.message(webhook);
    const { status } = await this.#peer.send({ method: 'POST', path: this.#path, headers, body });
    return status;
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#peer.close();
  }
}
