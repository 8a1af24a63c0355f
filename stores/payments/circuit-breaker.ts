/** After `failures` in a row the outside party is left alone for `openMs`; then one call tries it. */
import { GatewayError } from '../../actors/checkout/ports.ts';

export type BreakerSettings = {
  readonly name: string;
  readonly failures?: number;
  readonly openMs?: number;
  readonly clock?: () => number;
};

export class CircuitBreaker {
  readonly #name: string;
  readonly #limit: number;
  readonly #openMs: number;
  readonly #clock: () => number;
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  constructor({ name, failures = 8, openMs = 2_000, clock = Date.now }: BreakerSettings) {
    this.#name = name;
    this.#limit = failures;
    this.#openMs = openMs;
    this.#clock = clock;
  }

  /** Throws GatewayError `unavailable` without a call while open. Only retryable failures count. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const isOpen = this.#failures >= this.#limit;
    if (isOpen && (this.#probing || this.#clock() < this.#openUntil)) {
      throw new GatewayError('unavailable', `${this.#name} has not answered; it is left alone for a moment`);
    }
    this.#probing = isOpen;
    try {
      const result = await call();
      this.#failures = 0;
      return result;
    } catch (error) {
      if (error instanceof GatewayError && !error.retryable) this.#failures = 0;
      else if (++this.#failures >= this.#limit) this.#openUntil = this.#clock() + this.#openMs;
      throw error;
    } finally {
      if (isOpen) this.#probing = false;
    }
  }
}
