/**
 * The official SDK, made fit for a server: every attempt has a time-out, connections are kept, answers are checked,
 * failures are GatewayErrors, retries are few and jittered, and a party that does not answer is left alone for a while.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import Razorpay from 'razorpay';
import { z } from 'zod';
import { GatewayError } from '../../../actors/checkout/ports.ts';
import { CircuitBreaker } from '../circuit-breaker.ts';
import { createExchange, type Exchange } from './exchange.ts';

export type RazorpayClientSettings = {
  readonly keyId: string;
  readonly keySecret: string;
  /** Default Razorpay itself; the simulator's address otherwise. */
  readonly baseUrl?: string;
  /** Of one attempt, from sending to the last byte. Default 3,000. */
  readonly timeoutMs?: number;
  /** Of a call with its retries: none is begun after it. Default 4,000. */
  readonly retryWithinMs?: number;
  /** Default: open after 10 failures in a row, for 2 s. */
  readonly breaker?: { readonly failures: number; readonly openMs: number };
  readonly log?: Logger;
};

const RETRIES = 2;
const RETRY_BASE_MS = 100;
const RAZORPAY = 'https://api.razorpay.com';

/** What the SDK throws. */
const sdkError = z.object({
  statusCode: z.number(),
  error: z
    .object({ code: z.string(), description: z.string(), field: z.string().nullish(), reason: z.string().nullish() })
    .partial()
    .optional()
    .catch(undefined),
});

/** A refusal with what it was about, as far as Razorpay says it. */
export class RazorpayRefusal extends GatewayError {
  readonly field: string | undefined;
  constructor(message: string, field: string | undefined) {
    super('refused', message);
    this.field = field;
  }
}

export class RazorpayClient {
  readonly #sdk: Razorpay;
  readonly #exchange: Exchange;
  readonly #auth: { readonly username: string; readonly password: string };
  readonly #breaker: CircuitBreaker;
  readonly #retryWithinMs: number;

  constructor(settings: RazorpayClientSettings) {
    const { log, breaker = { failures: 10, openMs: 2_000 }, timeoutMs = 3_000 } = settings;
    this.#retryWithinMs = settings.retryWithinMs ?? 4_000;
    this.#sdk = new Razorpay({ key_id: settings.keyId, key_secret: settings.keySecret });
    this.#exchange = createExchange(settings.baseUrl ?? RAZORPAY, timeoutMs);
    this.#auth = { username: settings.keyId, password: settings.keySecret };
    defaultsOf(this.#sdk).adapter = this.#exchange;
    this.#breaker = new CircuitBreaker({
      ...breaker,
      isFailure: (error) => !(error instanceof GatewayError) || error.code !== 'refused',
      refusal: () => new GatewayError('unavailable', 'Razorpay did not answer lately and is not asked for a moment'),
      onChange: (state) => log?.warn({ event: 'payment-gateway-circuit', gateway: 'razorpay', state }),
    });
  }

  get health(): CircuitBreaker['state'] {
    return this.#breaker.state;
  }

  /** One attempt. Throws GatewayError. */
  async once<T extends z.ZodType>(answer: T, call: (sdk: Razorpay) => Promise<unknown>): Promise<z.infer<T>> {
    return this.#breaker.run(async () => {
      let given: unknown;
      try {
        given = await call(this.#sdk);
      } catch (error) {
        throw gatewayErrorOf(error);
      }
      const parsed = answer.safeParse(given);
      if (!parsed.success) {
        const where = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
        throw new GatewayError('invalid-answer', `Razorpay’s answer is not as documented (${where})`);
      }
      return parsed.data;
    });
  }

  /**
   * One attempt of a call that every order makes: what the SDK would send, without the 45 µs that its HTTP client takes
   * to put a request together. Throws GatewayError.
   */
  async post<T extends z.ZodType>(answer: T, url: string, body: object): Promise<z.infer<T>> {
    return this.once(answer, async () => {
      try {
        const request = { method: 'post', url, data: JSON.stringify(body), auth: this.#auth, headers: {} };
        return jsonOr((await this.#exchange(request)).data);
      } catch (error) {
        throw thrownBySdk(error);
      }
    });
  }

  /** For calls that may be made again: reads, and writes that carry an idempotency key. */
  async repeatable<T extends z.ZodType>(answer: T, call: (sdk: Razorpay) => Promise<unknown>): Promise<z.infer<T>> {
    return this.retried(() => this.once(answer, call));
  }

  /** `attempt` is told how many went before it. */
  async retried<T>(attempt: (before: number) => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#retryWithinMs;
    for (let before = 0; ; before += 1) {
      try {
        return await attempt(before);
      } catch (error) {
        const again = error instanceof GatewayError && error.retryable && before < RETRIES && !this.#breaker.isOpen;
        const waitMs = RETRY_BASE_MS * 2 ** before * (0.5 + Math.random());
        if (!again || performance.now() + waitMs > deadline) throw error;
        await pause(waitMs);
      }
    }
  }
}

/**
 * The SDK has no option for its address, its time-outs or its connections, and a request without an answer makes it throw
 * a TypeError. Its axios instance is reachable, though, and lets its adapter be replaced; that it is, is checked at the
 * start, not at the first payment after an upgrade.
 */
function defaultsOf(sdk: Razorpay): { adapter?: Exchange } {
  const rq: unknown = 'rq' in sdk.api ? sdk.api.rq : undefined;
  if (typeof rq === 'function' && 'defaults' in rq && typeof rq.defaults === 'object' && rq.defaults !== null)
    return rq.defaults;
  throw new Error('This version of the razorpay SDK keeps its HTTP client somewhere else');
}

/** Parsed, if it is JSON; what it should have been is checked by whoever reads it. */
function jsonOr(data: unknown): unknown {
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/** What the SDK makes of what its HTTP client throws: the status, and `error` of the body. */
function thrownBySdk(thrown: unknown): unknown {
  const failed = z.object({ response: z.object({ status: z.number(), data: z.unknown() }) }).safeParse(thrown);
  if (!failed.success) return thrown;
  const { status, data } = failed.data.response;
  const body = jsonOr(data);
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  return { statusCode: status, error };
}

function gatewayErrorOf(thrown: unknown): GatewayError {
  const { statusCode: status, error } = sdkError.safeParse(thrown).data ?? { statusCode: 0 };
  const said = [error?.code, error?.description, error?.reason].filter(Boolean).join(': ');
  const message = `Razorpay ${status === 0 ? 'gave no answer' : `answered ${status}`}${said === '' ? '' : ` (${said})`}`;
  if (status === 0) return new GatewayError(error?.code === 'timeout' ? 'timeout' : 'unavailable', message);
  if (status === 408 || status === 504) return new GatewayError('timeout', message);
  // 401 and 403 are about our key, not about this payment: it goes on when the key is mended. 409: still at it.
  if (status >= 500 || [401, 403, 409, 425, 429].includes(status)) return new GatewayError('unavailable', message);
  if (status < 400) return new GatewayError('invalid-answer', message);
  return new RazorpayRefusal(message, error?.field ?? undefined);
}
