/**
 * Razorpay's API through its official SDK. The SDK has no setting for its address, its time-out or its connections; all
 * three are axios defaults of its one HTTP client (`api.rq`), and are set there. It also reads `error.response` of an
 * error that has none (no answer at all), so such errors are given one before the SDK sees them.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import Razorpay from 'razorpay';
import { z } from 'zod';
import { GatewayError } from '../../actors/checkout/ports.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { orderEntity, refundEntity, refundList } from './razorpay-entities.ts';

export type RazorpayApiSettings = {
  readonly keyId: string;
  readonly keySecret: string;
  /** Default `https://api.razorpay.com`. */
  readonly baseUrl?: string;
  /** Of each call. Default 3,000 ms. */
  readonly timeoutMs?: number;
};

const NO_ANSWER = 0;

/** The part of axios that is used here. */
type HttpClient = {
  readonly defaults: { baseURL?: string; timeout?: number; httpAgent?: HttpAgent; httpsAgent?: HttpsAgent };
  readonly interceptors: {
    readonly response: { use(ok: undefined, failed: (error: FailedCall) => Promise<never>): unknown };
  };
};
type FailedCall = { response?: { status: number; data: unknown }; code?: string; message?: string };

const sdkError = z.object({
  statusCode: z.number(),
  error: z.object({ code: z.string().optional(), description: z.string().optional() }).optional(),
});

function httpClientOf(sdk: Razorpay): HttpClient {
  const { api } = sdk;
  if (!('rq' in api)) throw new Error('this version of the razorpay SDK keeps its HTTP client elsewhere');
  return api.rq as HttpClient;
}

export function createRazorpayApi({ keyId, keySecret, baseUrl, timeoutMs = 3_000 }: RazorpayApiSettings) {
  const sdk = new Razorpay({ key_id: keyId, key_secret: keySecret });
  const http = httpClientOf(sdk);
  if (baseUrl !== undefined) http.defaults.baseURL = baseUrl;
  http.defaults.timeout = timeoutMs;
  http.defaults.httpAgent = new HttpAgent({ keepAlive: true, maxSockets: 64 });
  http.defaults.httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: 64 });
  http.interceptors.response.use(undefined, (error) => {
    error.response ??= { status: NO_ANSWER, data: { error: { code: error.code, description: error.message } } };
    return Promise.reject(error);
  });
  const breaker = new CircuitBreaker({ name: 'razorpay' });

  const call = <T extends z.ZodType>(answer: T, ask: () => Promise<unknown>): Promise<z.infer<T>> =>
    breaker.run(async () => {
      const parsed = answer.safeParse(await ask().catch((error: unknown) => Promise.reject(asGatewayError(error))));
      if (parsed.success) return parsed.data;
      throw new GatewayError('invalid-answer', 'Razorpay answered something else than its documents say', {
        cause: parsed.error,
      });
    });

  return {
    createOrder: (order: { amount: number; receipt: string; notes: Record<string, string> }) =>
      call(orderEntity, () => sdk.orders.create({ ...order, currency: 'INR' })),
    fetchOrder: (orderId: string) => call(orderEntity, () => sdk.orders.fetch(orderId)),
    refundsOf: (paymentId: string) =>
      call(refundList, () => sdk.payments.fetchMultipleRefund(paymentId, { count: 100 })),
    refund: (paymentId: string, refund: { amount: number; notes: Record<string, string> }) =>
      call(refundEntity, () => sdk.payments.refund(paymentId, { ...refund, speed: 'normal' })),
  };
}

export type RazorpayApi = ReturnType<typeof createRazorpayApi>;

function asGatewayError(error: unknown): GatewayError {
  const parsed = sdkError.safeParse(error);
  if (!parsed.success) return new GatewayError('unavailable', 'Razorpay could not be asked', { cause: error });
  const { statusCode, error: said } = parsed.data;
  const text = `Razorpay: ${statusCode} ${said?.code ?? ''} ${said?.description ?? ''}`.trim();
  if (statusCode === NO_ANSWER)
    return new GatewayError(said?.code === 'ECONNABORTED' ? 'timeout' : 'unavailable', text);
  if (statusCode >= 500 || statusCode === 429) return new GatewayError('unavailable', text);
  return new GatewayError('refused', text);
}
