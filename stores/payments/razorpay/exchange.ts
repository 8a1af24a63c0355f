/**
 * One HTTP exchange of the SDK, in place of axios' own: bounded in time and bytes as a whole, always to the same host,
 * over kept connections, without redirects or proxies from the environment, and at less than half the cost (axios sets
 * socket options anew for every request). What is thrown holds the answer alone, never the request with its credentials.
 */
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { request as secureRequest, Agent as TlsAgent } from 'node:https';

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

const MAX_ANSWER_BYTES = 1_048_576;
const MAX_CONNECTIONS = 128;

export function createExchange(origin: string, timeoutMs: number): Exchange {
  const { protocol, hostname, port } = new URL(origin);
  const secure = protocol === 'https:';
  const pool = { keepAlive: true, maxSockets: MAX_CONNECTIONS, scheduling: 'lifo' } as const;
  const agent = secure ? new TlsAgent(pool) : new PlainAgent(pool);
  const send = secure ? secureRequest : plainRequest;

  return ({ method = 'get', url = '/', params = {}, data, auth, headers }) =>
    new Promise((resolve, reject) => {
      const path = url + queryOf(params);
      const idempotencyKey = refundKeyOf(path, data);
      const outgoing = send({
        hostname,
        ...(port === '' ? {} : { port }),
        path,
        method: method.toUpperCase(),
        agent,
        headers: {
          accept: 'application/json',
          'user-agent': headers['User-Agent'] ?? 'razorpay-node',
          ...(auth === undefined ? {} : { authorization: basic(auth) }),
          ...(data === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(data) }),
          ...(idempotencyKey === undefined ? {} : { 'x-refund-idempotency': idempotencyKey }),
        },
      });
      // The SDK reads `response` of what is thrown.
      const fail = (answer: Omit<SdkAnswer, 'headers'>) => reject({ response: { ...answer, headers: {} } });
      const timer = setTimeout(() => outgoing.destroy(new NoAnswer('timeout')), timeoutMs);
      const lost = (error: Error) => {
        clearTimeout(timer);
        fail({ status: 0, data: { error: { code: codeOf(error) } } });
      };
      outgoing.on('error', lost);
      outgoing.on('response', (incoming) => {
        read(incoming).then((text) => {
          clearTimeout(timer);
          const status = incoming.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve({ status, data: text, headers: {} });
          else fail({ status, data: text });
        }, lost);
      });
      outgoing.end(data);
    });
}

class NoAnswer extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.name = 'NoAnswer';
    this.code = code;
  }
}

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : 'unreachable';

function read(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (piece: string) => {
      text += piece;
      if (text.length > MAX_ANSWER_BYTES) incoming.destroy(new NoAnswer('answer-too-long'));
    });
    incoming.on('end', () => resolve(text));
    incoming.on('error', reject);
  });
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
