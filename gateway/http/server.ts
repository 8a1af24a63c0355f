/** Fastify with this gateway's manners: headers, traces, limits in bytes and time, problems for every failure. */
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { GatewaySettings } from '../deps.ts';
import type { Metrics } from '../operations/metrics.ts';
import { REFUSED, type Shedding } from '../overload/shedding.ts';
import { PROBLEM_TYPE, PROBLEMS, type ProblemCode, problemDocument, refuse } from '../problems.ts';
import { refusalOfError } from '../refusals.ts';
import { refuseCards } from './card-free.ts';
import { boundConnections } from './connections.ts';
import { sendRefusal } from './serve.ts';
import { requestIdFrom, traceIdOf, traceparentFor } from './trace.ts';

const BODY_LIMIT = 128 * 1_024;
const MAX_HEADER_BYTES = 16 * 1_024;
const HEADERS_TIMEOUT_MS = 10_000;
/** The whole request, body included. */
const REQUEST_TIMEOUT_MS = 20_000;
/** How often Node looks whose time is over; its own 30 s would be most of it. */
const CHECK_TIMES_MS = 2_000;
/** Longer than a load balancer keeps its end, so that it never sends into a connection that we close. */
const KEEP_ALIVE_MS = 72_000;
const SLOW_MS = 1_000;
/** Longer than a checkout is waited for. */
const DRAIN_MS = 10_000;

/** An API: nothing here is to be rendered, framed or guessed at. No CORS: browsers of other origins are refused. */
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;
const HSTS = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } as const;

type Parts = {
  readonly settings: GatewaySettings;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Absent: everyone is let in. */
  readonly shedding?: Shedding;
};

function httpServer(handler: RequestListener): Server {
  const times = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_TIMES_MS,
  };
  return createHttpServer({ ...times, maxHeaderSize: MAX_HEADER_BYTES }, handler);
}

export function createServer({ settings, log, metrics, shedding }: Parts): FastifyInstance {
  const headers = settings.production ? { ...SECURITY_HEADERS, ...HSTS } : SECURITY_HEADERS;
  const { trustProxy = 'loopback' } = settings;
  const app: FastifyInstance = fastify({
    logger: false,
    trustProxy: typeof trustProxy === 'string' ? trustProxy : [...trustProxy],
    bodyLimit: BODY_LIMIT,
    serverFactory: (handler) =>
      httpServer((request, response) => {
        const refused = shedding?.refusesUnseen(request, response);
        if (refused === undefined) handler(request, response);
        else metrics.request(request.method ?? '', refused, REFUSED, 0);
      }),
    // While it closes, what still comes on open connections is served, with `Connection: close` (below).
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 300, ignoreTrailingSlash: false, caseSensitive: true },
    clientErrorHandler,
    frameworkErrors: (error, request, reply) => void fail(error, request as FastifyRequest, reply as FastifyReply),
  });

  if (settings.maxConnections !== undefined) {
    boundConnections(app.server, settings.maxConnections, metrics.connectionRefused, log);
  }
  let closing = false;
  const drain = drainOnClose(app.server);
  app.addHook('preClose', async () => {
    closing = true;
    drain();
  });

  app.decorateRequest('traceparent', '');
  app.decorateRequest('principal', null);
  app.addHook('onRequest', (request, reply, done) => {
    if (shedding?.refuses(request, reply)) return;
    begin(request, reply);
    done();
  });
  app.addHook('preValidation', (request, reply, done) => {
    if (!shedding?.refusesNow(request, reply)) done();
  });
  if (settings.refuseCards === true) refuseCards(app);
  app.addHook('onResponse', (request, reply, done) => {
    if (request.routeOptions.config?.eventStream === true && reply.statusCode === 200) return done();
    const ms = reply.elapsedTime;
    const route = request.routeOptions.url ?? 'unknown';
    metrics.request(request.method, route, reply.statusCode, ms);
    if (ms > SLOW_MS) {
      log.warn({
        event: 'request-slow',
        method: request.method,
        route,
        status: reply.statusCode,
        ms,
        trace: request.traceparent,
      });
    }
    done();
  });

  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    const given = request.headers['traceparent'];
    request.traceparent = traceparentFor(typeof given === 'string' ? given : undefined);
    reply.headers(headers);
    reply.header('x-request-id', requestIdFrom(request.headers['x-request-id']) ?? traceIdOf(request.traceparent));
    if (closing) reply.header('connection', 'close');
  };

  const fail = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = refusalOfError(error);
    // A URL that cannot be read fails before any hook.
    if (request.traceparent === '') begin(request, reply);
    if (refusal === undefined || PROBLEMS[refusal.problem].status >= 500) {
      const { method, traceparent } = request;
      const route = request.routeOptions.url;
      const level = refusal === undefined ? 'error' : 'warn';
      log[level]({ event: 'request-failed', method, route, trace: traceparent, err: error });
    }
    return sendRefusal(request, reply, refusal ?? refuse('internal-error'));
  };
  app.setErrorHandler<FastifyError>(fail);
  app.setNotFoundHandler((request, reply) => sendRefusal(request, reply, refuse('not-found')));

  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Many clients send the header with every request, DELETE too.
    if (body === '') done(null, undefined);
    else parseJson(request, body, done);
  });
  return app;
}

/**
 * What is in flight ends, then every connection does: a client that has connected and says nothing (browsers do so
 * ahead of time) is not idle to Node, and would keep the server from closing.
 */
function drainOnClose(server: FastifyInstance['server']): () => void {
  let inFlight = 0;
  let draining = false;
  const finish = (): void => {
    if (draining && inFlight === 0) setImmediate(() => server.closeAllConnections());
  };
  server.on('request', (_request, response) => {
    inFlight++;
    response.once('close', () => {
      inFlight--;
      finish();
    });
  });
  return () => {
    draining = true;
    finish();
    const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.once('close', () => clearTimeout(deadline));
  };
}

const CLIENT_ERRORS: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** What is not HTTP never becomes a request: answered on the bare socket. */
function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const code = CLIENT_ERRORS[error.code ?? ''] ?? 'malformed-request';
  const { status } = PROBLEMS[code];
  const body = problemDocument(refuse(code), '/');
  if (socket.writable) {
    socket.end(
      `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\nX-Content-Type-Options: nosniff\r\n` +
        `Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
}
