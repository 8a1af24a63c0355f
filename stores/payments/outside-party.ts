/**
 * Asking an outside party over HTTP: one address, every attempt bounded in time, answers checked against what is documented,
 * failures are GatewayErrors, retries few and jittered, and a party that does not answer is left alone for a while.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { GatewayError, type GatewayHealth } from '../../actors/checkout/ports.ts';
import { HttpPeer, type HttpRequest, NoAnswer } from '../http/http-peer.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

export type OutsidePartyOptions = {
  /** As it is called in errors and logs. */
  readonly name: string;
  readonly origin: string;
  /** Of one attempt. Default 3,000. */
  readonly timeoutMs?: number;
  /** Of a call with its retries: none is begun after it. Default 4,000. */
  readonly retryWithinMs?: number;
  /** Default: open after 10 failures in a row, for 2 s. */
  readonly breaker?: { readonly failures: number; readonly openMs: number };
  readonly log?: Logger;
};

const RETRIES = 2;
const RETRY_BASE_MS = 100;

export class OutsideParty {
  readonly #name: string;
  readonly #peer: HttpPeer;
  readonly #breaker: CircuitBreaker;
  readonly #retryWithinMs: number;

  constructor({ name, origin, timeoutMs = 3_000, retryWithinMs = 4_000, breaker, log }: OutsidePartyOptions) {
    this.#name = name;
    this.#peer = new HttpPeer(origin, { timeoutMs });
    this.#retryWithinMs = retryWithinMs;
    this.#breaker = new CircuitBreaker({
      ...(breaker ?? { failures: 10, openMs: 2_000 }),
      isFailure: (error) => !(error instanceof GatewayError) || error.code !== 'refused',
      refusal: () => new GatewayError('unavailable', `${name} did not answer lately and is not asked for a moment`),
      onChange: (state) => log?.warn({ event: 'payment-gateway-circuit', gateway: name, state }),
    });
  }

  get health(): GatewayHealth {
    return this.#breaker.state;
  }

  /** One attempt. Throws GatewayError. */
  async once<T extends z.ZodType>(request: HttpRequest, schema: T): Promise<z.infer<T>> {
    return this.#breaker.run(async () => {
      const { status, text } = await this.#send(request);
      if (status < 200 || status >= 300) throw this.#failure(status, text);
      const parsed = schema.safeParse(jsonOr(text));
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
      throw new GatewayError('invalid-answer', `${this.#name}’s answer is not as documented (${where})`);
    });
  }

  /** For calls that may be made again. */
  async repeatable<T extends z.ZodType>(request: HttpRequest, schema: T): Promise<z.infer<T>> {
    const deadline = performance.now() + this.#retryWithinMs;
    for (let before = 0; ; before += 1) {
      try {
        return await this.once(request, schema);
      } catch (error) {
        const again = error instanceof GatewayError && error.retryable && before < RETRIES && !this.#breaker.isOpen;
        const waitMs = RETRY_BASE_MS * 2 ** before * (0.5 + Math.random());
        if (!again || performance.now() + waitMs > deadline) throw error;
        await pause(waitMs);
      }
    }
  }

  async #send(request: HttpRequest): Promise<{ status: number; text: string }> {
    try {
      return await this.#peer.send(request);
    } catch (cause) {
      const timeout = cause instanceof NoAnswer && cause.code === 'timeout';
      throw new GatewayError(timeout ? 'timeout' : 'unavailable', `${this.#name} gave no answer`, { cause });
    }
  }

  /** What it says is told in part only: it may quote what it was sent. */
  #failure(status: number, text: string): GatewayError {
    const body = jsonOr(text);
    const code =
      typeof body === 'object' && body !== null && 'code' in body ? ` (${String(body.code).slice(0, 40)})` : '';
    const message = `${this.#name} answered ${status}${code}`;
    if (status === 408 || status === 504) return new GatewayError('timeout', message);
    // 401 and 403 are about our key, not about this payment: it goes on when the key is mended.
    if (status >= 500 || [401, 403, 425, 429].includes(status)) return new GatewayError('unavailable', message);
    if (status < 400) return new GatewayError('invalid-answer', message);
    return new GatewayError('refused', message);
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
