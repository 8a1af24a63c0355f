/**
 * The gate in front of Fastify's routes. A request that is refused costs a look at its route and one write of an answer
 * made beforehand: no body, no token, no JSON.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Description } from '../http/endpoint.ts';
import { requestIdFrom } from '../http/trace.ts';
import { PROBLEM_TYPE, problemDocument, refuse } from '../problems.ts';
import type { Gate } from './gate.ts';
import type { OverloadMetrics } from './metrics.ts';
import { PRIORITIES, type Priority, type ShedPriority } from './priorities.ts';

export type Shedding = {
  /** True: it has been answered. */
  readonly refuses: (request: FastifyRequest, reply: FastifyReply) => boolean;
};

type Parts = {
  readonly gate: Gate;
  readonly metrics: OverloadMetrics;
  /** By method, then by path as Fastify has it. */
  readonly priorityOf: (method: string, path: string | undefined) => Priority;
  readonly isStream: (path: string | undefined) => boolean;
};

/** Seconds. Spread, so that those who were refused together do not come back together. */
const RETRY_AFTER = { least: 1, spread: 4 } as const;
const BODY = problemDocument(refuse('overloaded'), '');
const [BEFORE_INSTANCE = '', AFTER_INSTANCE = ''] = BODY.split('"instance":""');

export function createShedding({ gate, metrics, priorityOf, isStream }: Parts): Shedding {
  return {
    refuses(request, reply) {
      const path = request.routeOptions.url;
      const priority = priorityOf(request.method, path);
      if (priority === 'always') return false;
      const { rank } = PRIORITIES[priority];
      const verdict = gate.enter(rank, request.headers.authorization);
      if (verdict === 'admitted') {
        // A stream stays open for minutes and costs nothing meanwhile.
        if (isStream(path)) gate.leave(rank);
        // Not Fastify's onResponse: a client that goes away before its answer has its place back, too.
        else reply.raw.once('close', () => gate.leave(rank));
        return false;
      }
      metrics.shed(priority, verdict);
      refuseNow(request, reply);
      return true;
    },
  };
}

/** On the bare response; Node throws away a body that still comes. */
function refuseNow(request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?', 1)[0]?.slice(0, 500) ?? '/';
  const body = `${BEFORE_INSTANCE}"instance":${JSON.stringify(path)}${AFTER_INSTANCE}`;
  const requestId = requestIdFrom(request.headers['x-request-id']);
  reply.hijack();
  reply.raw.writeHead(503, {
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    'retry-after': String(RETRY_AFTER.least + Math.floor(Math.random() * RETRY_AFTER.spread)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
  });
  reply.raw.end(request.method === 'HEAD' ? undefined : body);
}

/** From the routes' own descriptions. What nobody described is refused first: paths that are not there. */
export function prioritiesOf(
  descriptions: readonly Pick<Description, 'method' | 'path' | 'priority' | 'answers'>[],
  toFastifyPath: (path: string) => string,
): Pick<Parts, 'priorityOf' | 'isStream'> {
  const byPath = new Map<string, Map<string, Priority>>();
  const streams = new Set<string>();
  for (const { method, path, priority, answers } of descriptions) {
    const url = toFastifyPath(path);
    const methods = byPath.get(url) ?? new Map<string, Priority>();
    byPath.set(url, methods.set(method, priority));
    if (Object.values(answers).some(({ contentType }) => contentType === 'text/event-stream')) streams.add(url);
  }
  const LAST: ShedPriority = 'third';
  return {
    priorityOf: (method, path) => byPath.get(path ?? '')?.get(method === 'HEAD' ? 'GET' : method) ?? LAST,
    isStream: (path) => path !== undefined && streams.has(path),
  };
}
