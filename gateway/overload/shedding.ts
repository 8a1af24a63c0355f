/**
 * The gate in front of Fastify's routes. A request that is refused costs a look at its route and one write of an answer
 * made beforehand: no body, no JSON, and of its token what is remembered.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from '../auth/admission.ts';
import { requestIdFrom } from '../http/trace.ts';
import { PROBLEM_TYPE, problemDocument, refuse } from '../problems.ts';
import type { Gate } from './gate.ts';
import type { OverloadMetrics } from './metrics.ts';
import { PRIORITIES, type ShedPriority } from './priorities.ts';
import { NOBODYS, type Routes } from './routes.ts';

export type Shedding = {
  /**
   * Before Fastify knows of it. The route's path: it has been answered, with `REFUSED`. Only what is open to all and whose
   * whole rank is out: of the request nothing but its path has to be known, and at a peak that is most of all that comes.
   */
  readonly refusesUnseen: (request: IncomingMessage, response: ServerResponse) => string | undefined;
  /** As soon as its headers are there. True: it has been answered. */
  readonly refuses: (request: FastifyRequest, reply: FastifyReply) => boolean;
  /** When its body is there, too. True: it has been answered. */
  readonly refusesNow: (request: FastifyRequest, reply: FastifyReply) => boolean;
};

type Parts = {
  readonly gate: Gate;
  readonly metrics: OverloadMetrics;
  readonly routes: Routes;
  readonly welcomes: Admission['welcomes'];
};

/** Seconds. Spread, so that those who were refused together do not come back together. */
const RETRY_AFTER = { least: 1, spread: 4 } as const;
export const REFUSED = 503;
/** Flat, as Node writes it. */
const HEAD = ['content-type', PROBLEM_TYPE, 'cache-control', 'no-store', 'x-content-type-options', 'nosniff'] as const;
const BODY = problemDocument(refuse('overloaded'), '');
const [BEFORE_INSTANCE = '', AFTER_INSTANCE = ''] = BODY.split('"instance":""');

export function createShedding({ gate, metrics, routes, welcomes }: Parts): Shedding {
  /** Let in by their headers, without a place until their body is there: who sends it slowly keeps nobody out. */
  const coming = new WeakMap<FastifyRequest, ShedPriority>();

  const takePlace = (reply: FastifyReply, rank: number): boolean => {
    if (!gate.take(rank)) return false;
    // Not Fastify's onResponse: a client that goes away before its answer has its place back, too.
    reply.raw.once('close', () => gate.leave(rank));
    return true;
  };

  return {
    refusesUnseen(request, response) {
      const { method = '', url = '' } = request;
      // The usual day: nothing is out, and nothing is looked up twice.
      if (!gate.isOut(PRIORITIES.third.rank)) return undefined;
      const route = routes.at(method, url);
      if (route === undefined || route.priority === 'always' || route.access !== 'public') return undefined;
      const { rank } = PRIORITIES[route.priority];
      if (!gate.isOut(rank) || gate.judge(rank, undefined) === 'admitted') return undefined;
      metrics.shed(route.priority, 'level');
      refuseNow(request, response);
      return route.url;
    },

    refuses(request, reply) {
      const { priority, access, limit, isStream } = routes.of(request.method, request.routeOptions.url) ?? NOBODYS;
      if (priority === 'always') return false;
      // What would get 401, 403 or 429 is none of the work that the others are shed for, whatever path it names.
      const isWelcome = welcomes(request, access, limit);
      const { rank } = PRIORITIES[isWelcome ? priority : NOBODYS.priority];
      const verdict = gate.judge(rank, isWelcome ? request.headers.authorization : undefined);
      if (verdict !== 'admitted') {
        metrics.shed(isWelcome ? priority : 'unwelcome', verdict);
        reply.hijack();
        refuseNow(request.raw, reply.raw);
        return true;
      }
      if (hasBody(request)) coming.set(request, isWelcome ? priority : NOBODYS.priority);
      // A stream stays open for minutes and costs nothing meanwhile.
      else if (isStream) gate.pass(rank);
      else takePlace(reply, rank);
      return false;
    },

    refusesNow(request, reply) {
      const priority = coming.get(request);
      if (priority === undefined || takePlace(reply, PRIORITIES[priority].rank)) return false;
      metrics.shed(priority, 'in-flight');
      reply.hijack();
      refuseNow(request.raw, reply.raw);
      return true;
    },
  };
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/** On the bare response; Node throws away a body that still comes. */
function refuseNow({ method, url = '/', headers }: IncomingMessage, response: ServerResponse): void {
  const query = url.indexOf('?');
  const path = (query < 0 ? url : url.slice(0, query)).slice(0, 500);
  const body = `${BEFORE_INSTANCE}"instance":${JSON.stringify(path)}${AFTER_INSTANCE}`;
  const requestId = requestIdFrom(headers['x-request-id']);
  const head = [
    ...HEAD,
    'content-length',
    String(Buffer.byteLength(body)),
    'retry-after',
    String(RETRY_AFTER.least + Math.floor(Math.random() * RETRY_AFTER.spread)),
  ];
  if (requestId !== undefined) head.push('x-request-id', requestId);
  response.writeHead(REFUSED, head);
  response.end(method === 'HEAD' ? undefined : body);
}
