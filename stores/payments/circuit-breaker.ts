/**
 * Stops asking a party that does not answer, so that its callers are told at once instead of after a time-out each,
 * and it is not beaten while it recovers. After `failures` in a row it is open for `openMs`; then one call probes:
 * success closes it, failure opens it again.
 */
export type BreakerOptions = {
  /** In a row. */
  readonly failures: number;
  readonly openMs: number;
  /** What a call throws that says the party is unwell; a plain refusal says that it is well. */
  readonly isFailure: (error: unknown) => boolean;
  /** What callers get while it is open. */
  readonly refusal: () => Error;
  readonly onChange?: (state: 'open' | 'closed') => void;
  /** Milliseconds that never go back. */
  readonly clock?: () => number;
};

export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #clock: () => number;
  #failures = 0;
  /** undefined: closed. */
  #openUntil: number | undefined;
  #probing = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  /** `half-open`: the next call will be the probe, if one comes. */
  get state(): 'closed' | 'half-open' | 'open' {
    if (this.#openUntil === undefined) return 'closed';
    return !this.#probing && this.#clock() >= this.#openUntil ? 'half-open' : 'open';
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    const isProbe = this.#openUntil !== undefined;
    if (this.#openUntil !== undefined) {
      if (this.#probing || this.#clock() < this.#openUntil) throw this.#options.refusal();
      this.#probing = true;
    }
    try {
      const result = await call();
      this.#succeeded(isProbe);
      return result;
    } catch (error) {
      if (this.#options.isFailure(error)) this.#failed(isProbe);
      else this.#succeeded(isProbe);
      throw error;
    } finally {
      if (isProbe) this.#probing = false;
    }
  }

  /** While it is open only the probe decides: what set out before says nothing about now. */
  #succeeded(isProbe: boolean): void {
    if (this.#openUntil !== undefined && !isProbe) return;
    this.#failures = 0;
    if (this.#openUntil === undefined) return;
    this.#openUntil = undefined;
    this.#options.onChange?.('closed');
  }

  #failed(isProbe: boolean): void {
    if (this.#openUntil !== undefined && !isProbe) return;
    this.#failures += 1;
    if (!isProbe && this.#failures < this.#options.failures) return;
    this.#openUntil = this.#clock() + this.#options.openMs;
    if (!isProbe) this.#options.onChange?.('open');
  }
}
