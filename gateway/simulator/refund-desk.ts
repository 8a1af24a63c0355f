/** Carries refunds through the bank: at once, or later, as the settings say; those of an earlier run too. */
import type { Books } from './books.ts';
import type { Deliveries } from './deliveries.ts';
import type { RefundRecord, Webhook } from './facts.ts';
import type { SimulatorSettings } from './settings.ts';

export class RefundDesk {
  readonly #books: Books;
  readonly #deliveries: Deliveries<Webhook>;
  readonly #settings: SimulatorSettings;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(parts: { books: Books; deliveries: Deliveries<Webhook>; settings: SimulatorSettings }) {
    this.#books = parts.books;
    this.#deliveries = parts.deliveries;
    this.#settings = parts.settings;
  }

  async resume(): Promise<void> {
    for (const refund of this.#books.pendingRefunds()) await this.take(refund);
  }

  async take(refund: RefundRecord): Promise<void> {
    const { end, afterMs } = this.#settings.refunds;
    if (afterMs === 0) return this.#end(refund, end);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      // If it cannot be written it stays pending, and is taken up after a restart.
      this.#end(refund, end).catch(() => undefined);
    }, afterMs);
    this.#timers.add(timer);
  }

  async #end(refund: RefundRecord, as: 'processed' | 'failed'): Promise<void> {
    const webhook = await this.#books.endRefund(refund, as);
    if (webhook !== undefined) this.#deliveries.send(webhook);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
