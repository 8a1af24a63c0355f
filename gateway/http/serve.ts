/** Puts endpoints on Fastify: who may, how often, what it says, once per key; then the answer or the problem. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallOptions } from '../../actors/clients.ts';
import type { Principal } from '../auth/access-tokens.ts';
import type { Admission } from '../auth/admission.ts';
import { headersOf, PROBLEM_TYPE, PROBLEMS, problemDocument, type Refusal, refuse } from '../problems.ts';
import type { Answer, Description, Endpoint } from './endpoint.ts';
import { versionFromIfMatch } from './entity-tag.ts';
import type { Idempotency, Sent } from './idempotent.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** W3C traceparent for all that this request causes. */
    traceparent: string;
    /** Who calls; null until admitted, and for the public. */
    principal: Principal | null;
  }
  interface FastifyContextConfig {
    /** Answers stay open: how long one lives says nothing of the server's speed. */
    eventStream?: boolean;
  }
}

const JSON_TYPE = 'application/json; charset=utf-8';
const ALL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export const toFastifyPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

/** RFC 9457 `instance`: the path, without the query, which may hold personal data. */
const instanceOf = (request: FastifyRequest): string => request.url.split('?', 1)[0]?.slice(0, 500) ?? '/';

export function sendRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  return reply
    .code(PROBLEMS[refusal.problem].status)
    .headers(headersOf(refusal))
    .header('content-type', PROBLEM_TYPE)
    .send(problemDocument(refusal, instanceOf(request)));
}

const isRefusal = (value: Answer | Sent | Refusal): value is Refusal => 'problem' in value;

/** In the form that is sent, and kept for an Idempotency-Key. */
function sentOf(request: FastifyRequest, result: Answer | Refusal): Sent {
  if (isRefusal(result)) {
    return {
      status: PROBLEMS[result.problem].status,
      body: problemDocument(result, instanceOf(request)),
      headers: { 'content-type': PROBLEM_TYPE, ...headersOf(result) },
    };
  }
  const { status, body, serialized = body === undefined ? '' : JSON.stringify(body) } = result;
  if (serialized === '') return { status, body: '', headers: result.headers ?? {} };
  return {
    status,
    body: serialized,
    headers: { 'content-type': JSON_TYPE, ...result.headers },
  };
}

const send = (reply: FastifyReply, { status, body, headers }: Sent): FastifyReply => {
  reply.code(status).headers(headers);
  return body === '' ? reply.send() : reply.send(body);
};

export function serve(
  app: FastifyInstance,
  endpoints: readonly Endpoint[],
  { admission, idempotency }: { readonly admission: Admission; readonly idempotency: Idempotency },
): void {
  for (const { description, read } of endpoints) {
    const { method, path, access } = description;
    app.route({
      method,
      url: toFastifyPath(path),
      onRequest: admission.hook(access, description.limit),
      handler: async (request, reply) => {
        const run = read(request);
        if (typeof run !== 'function') return sendRefusal(request, reply, run);
        const ifVersion = description.conditional ? versionFromIfMatch(request.headers['if-match']) : undefined;
        if (typeof ifVersion === 'object') return sendRefusal(request, reply, ifVersion);
        const principal = request.principal ?? undefined;
        const options: CallOptions = {
          trace: request.traceparent,
          ...(ifVersion === undefined ? {} : { ifVersion }),
        };
        // Keys of people without an account are kept apart by address.
        const caller = principal?.userId ?? request.ip;
        const result = await idempotency.run(request, description, caller, async (intent) =>
          sentOf(request, await run({ principal, intent, ifVersion, options, request })),
        );
        return isRefusal(result) ? sendRefusal(request, reply, result) : send(reply, result);
      },
    });
  }
}

/** 405 with Allow for every method that a path does not have, before a body is looked at. */
export function refuseOtherMethods(
  app: FastifyInstance,
  descriptions: readonly Pick<Description, 'method' | 'path' | 'answers'>[],
): void {
  const byPath = Map.groupBy(descriptions, ({ path }) => toFastifyPath(path).replace(/:\w+/g, ':id'));
  for (const [, same] of byPath) {
    const first = same[0];
    if (first === undefined) continue;
    const methods: string[] = same.map(({ method }) => method);
    // An event stream has no length and no end to tell.
    const streams = Object.values(first.answers).some(({ contentType }) => contentType === 'text/event-stream');
    if (methods.includes('GET') && !streams) methods.push('HEAD');
    const refusal = refuse('method-not-allowed', { headers: { allow: methods.toSorted().join(', ') } });
    app.route({
      method: ALL_METHODS.filter((method) => !methods.includes(method)),
      url: toFastifyPath(first.path),
      exposeHeadRoute: false,
      onRequest: (request, reply) => {
        sendRefusal(request, reply, refusal);
      },
      handler: (request, reply) => sendRefusal(request, reply, refusal),
    });
  }
}
