/**
 * The official SDK, made fit for a server: every attempt has a time-out, connections are kept, answers are checked,
 * failures are GatewayErrors, retries are few and jittered, and a party that does not answer is left alone for a while.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import Razorpay from 'razorpay';
import { z } from 'zod';
import { GatewayError } from '../../../actors/checkout/ports.ts';
import { CircuitBreaker } from '../circuit-breaker.ts';

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
const MAX_ANSWER_BYTES = 1_048_576;
const MAX_CONNECTIONS = 128;

/** The parts of the SDK's axios instance that are used here. */
type Transport = {
  readonly defaults: Record<string, unknown>;
  readonly interceptors: {
    readonly request: { use(change: (request: Request) => Request): unknown };
    readonly response: { use(answered: null, failed: (error: unknown) => Promise<never>): unknown };
  };
};
type Request = {
  url?: string;
  data?: unknown;
  signal?: AbortSignal;
  headers: { set(name: string, value: string): unknown };
};

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
  readonly #breaker: CircuitBreaker;
  readonly #retryWithinMs: number;

  constructor(settings: RazorpayClientSettings) {
    const { log, breaker = { failures: 10, openMs: 2_000 }, timeoutMs = 3_000 } = settings;
    this.#retryWithinMs = settings.retryWithinMs ?? 4_000;
    this.#sdk = new Razorpay({ key_id: settings.keyId, key_secret: settings.keySecret });
    configure(transportOf(this.#sdk), timeoutMs, settings.baseUrl);
    this.#breaker = new CircuitBreaker({
      ...breaker,
      isFailure: (error) => !(error instanceof GatewayError) || error.code !== 'refused',
      refusal: () => new GatewayError('unavailable', 'Razorpay did not answer lately and is not asked for a moment'),
      onChange: (state) => log?.warn({ event: 'payment-gateway-circuit', gateway: 'razorpay', state }),
    });
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
 * The SDK has no options for any of this, and a request without an answer makes it throw a TypeError. Its axios
 * instance is reachable, though; that it is, is checked at the start, not at the first payment after an upgrade.
 */
function transportOf(sdk: Razorpay): Transport {
  const rq: unknown = 'rq' in sdk.api ? sdk.api.rq : undefined;
  if (!isTransport(rq)) throw new Error('This version of the razorpay SDK keeps its HTTP client somewhere else');
  return rq;
}

const isTransport = (rq: unknown): rq is Transport =>
  typeof rq === 'function' && 'defaults' in rq && 'interceptors' in rq;

function configure(transport: Transport, timeoutMs: number, baseUrl: string | undefined): void {
  const pool = { keepAlive: true, maxSockets: MAX_CONNECTIONS, scheduling: 'lifo' } as const;
  Object.assign(transport.defaults, {
    ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
    httpAgent: new HttpAgent(pool),
    httpsAgent: new HttpsAgent(pool),
    // An API does not redirect, and credentials must not follow if it does.
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER_BYTES,
    // Else axios reads proxies from the environment.
    proxy: false,
  });
  transport.interceptors.request.use((request) => {
    request.signal = AbortSignal.timeout(timeoutMs);
    const key = refundKeyOf(request);
    if (key !== undefined) request.headers.set('X-Refund-Idempotency', key);
    return request;
  });
  transport.interceptors.response.use(null, (error) => Promise.reject({ response: answerOf(error) }));
}

const refundRequest = z.object({ notes: z.object({ attempt: z.string() }) });

/**
 * Refunds are made once per key (https://razorpay.com/docs/api/refunds/normal-refunds-idempotent), which the SDK
 * cannot send. The key is what the refund's notes say of it, so that it is to be found there as well.
 */
function refundKeyOf({ url, data }: Request): string | undefined {
  return url?.endsWith('/refund') === true ? refundRequest.safeParse(data).data?.notes.attempt : undefined;
}

const failure = z.object({
  code: z.string().optional(),
  response: z.object({ status: z.number(), data: z.unknown() }).optional(),
});

/**
 * What the SDK reads of a failed request. Only this goes on: axios' own error holds the credentials.
 * Status 0: no answer.
 */
function answerOf(error: unknown): { status: number; data: Readonly<Record<string, unknown>> } {
  const { code, response } = failure.safeParse(error).data ?? {};
  if (response !== undefined) {
    const { status, data } = response;
    return { status, data: typeof data === 'object' && data !== null ? { ...data } : {} };
  }
  const timedOut = code === 'ERR_CANCELED' || code === 'ECONNABORTED' || code === 'ETIMEDOUT';
  return { status: 0, data: { error: { code: timedOut ? 'timeout' : (code ?? 'unreachable') } } };
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
