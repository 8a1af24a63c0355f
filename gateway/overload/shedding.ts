/**
 * The gate in front of Fastify's routes. A request that is refused costs a look at its route and one write of an answer
 * made beforehand: no body, no JSON, and of its token what is remembered.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from '../auth/admission.ts';
import { requestIdFrom } from '../http/trace.ts';
import { PROBLEM_TYPE, problemDocument, refuse } from '../problems.ts';
import type { Gate } from './gate.ts';
import type { OverloadMetrics } from './metrics.ts';
import { PRIORITIES, type ShedPriority } from './priorities.ts';
import { NOBODYS, type Routes } from './routes.ts';

export type Shedding = {
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
    refuses(request, reply) {
      const { priority, access, limit, isStream } = routes.of(request.method, request.routeOptions.url) ?? NOBODYS;
      if (priority === 'always') return false;
      // What would get 401, 403 or 429 is none of the work that the others are shed for, whatever path it names.
      const isWelcome = welcomes(request, access, limit);
      const { rank } = PRIORITIES[isWelcome ? priority : NOBODYS.priority];
      const verdict = gate.judge(rank, isWelcome ? request.headers.authorization : undefined);
      if (verdict !== 'admitted') {
        metrics.shed(isWelcome ? priority : 'unwelcome', verdict);
        refuseNow(request, reply);
        return true;
      }
      if (hasBody(request)) coming.set(request, isWelcome ? priority : NOBODYS.priority);
      // A stream stays open for minutes and costs nothing meanwhile.
      else if (!isStream) takePlace(reply, rank);
      return false;
    },

    refusesNow(request, reply) {
      const priority = coming.get(request);
      if (priority === undefined || takePlace(reply, PRIORITIES[priority].rank)) return false;
      metrics.shed(priority, 'in-flight');
      refuseNow(request, reply);
      return true;
    },
  };
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

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
