/**
 * The SDK's HTTP, in place of axios' own: bounded in time and bytes as a whole, always to the same host, over kept
 * connections. What is thrown holds the answer alone, never the request with its credentials.
 */
import { HttpPeer, type HttpRequest, NoAnswer } from '../../http/http-peer.ts';

/** What axios gives its adapter, as far as the SDK uses it. */
export type SdkRequest = {
  readonly method?: string;
  readonly url?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly data?: string;
  readonly auth?: { readonly username: string; readonly password: string };
  readonly headers: { readonly 'User-Agent'?: string };
};
/** Status 0: there was no answer; `data.error.code` is `timeout` or the system's word for it. */
export type SdkAnswer = {
  readonly status: number;
  data: unknown;
  headers: Readonly<Record<string, never>>;
};
export type Exchange = (request: SdkRequest) => Promise<SdkAnswer>;

const METHODS: Readonly<Record<string, HttpRequest['method']>> = {
  get: 'GET',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
};

export function createExchange(origin: string, timeoutMs: number): Exchange {
  const peer = new HttpPeer(origin, { timeoutMs });

  return async ({ method = 'get', url = '/', params = {}, data, auth, headers }) => {
    const path = url + queryOf(params);
    const idempotencyKey = refundKeyOf(path, data);
    // The SDK reads `response` of what is thrown.
    const failed = (answer: Omit<SdkAnswer, 'headers'>) => ({ response: { ...answer, headers: {} } });
    let answer: Awaited<ReturnType<HttpPeer['send']>>;
    try {
      answer = await peer.send({
        method: METHODS[method.toLowerCase()] ?? 'GET',
        path,
        headers: {
          accept: 'application/json',
          'user-agent': headers['User-Agent'] ?? 'razorpay-node',
          ...(auth === undefined ? {} : { authorization: basic(auth) }),
          ...(data === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'x-refund-idempotency': idempotencyKey }),
        },
        ...(data === undefined ? {} : { body: data }),
      });
    } catch (error) {
      throw failed({ status: 0, data: { error: { code: error instanceof NoAnswer ? error.code : 'unreachable' } } });
    }
    const { status, text } = answer;
    if (status < 200 || status >= 300) throw failed({ status, data: text });
    return { status, data: text, headers: {} };
  };
}

const basic = ({ username, password }: NonNullable<SdkRequest['auth']>): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

function queryOf(params: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

/**
 * Refunds are made once per key (https://razorpay.com/docs/api/refunds/normal-refunds-idempotent), which the SDK cannot
 * send. The key is what the refund's notes say of it, so that it is to be found there as well.
 */
function refundKeyOf(path: string, data: string | undefined): string | undefined {
  if (data === undefined || !path.endsWith('/refund')) return undefined;
  const { notes }: { notes?: { attempt?: unknown } } = JSON.parse(data);
  return typeof notes?.attempt === 'string' ? notes.attempt : undefined;
}
