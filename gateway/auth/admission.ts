/** Who calls, whether they may, and whether it is their turn: decided before a body is read. */
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { Access } from '../http/endpoint.ts';
import { FORGED_NOTICES, LIMITS, type LimitClass, type Quota } from '../limits/classes.ts';
import type { Limiter } from '../limits/limiter.ts';
import { type Refusal, refuse } from '../problems.ts';
import type { AccessTokens, Principal } from './access-tokens.ts';
import type { RevokedSessions } from './revoked-sessions.ts';

export type Admission = {
  readonly hook: (
    access: Access,
    limit: LimitClass,
  ) => (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void;
  /** It says to be from someone whose signature it does not have. */
  readonly forged: (request: FastifyRequest) => void;
  /** Whether the hook would let it through. Nothing is counted and nothing answered. */
  readonly welcomes: (request: FastifyRequest, access: Access, limit: LimitClass) => boolean;
};

type Parts = {
  readonly tokens: AccessTokens;
  readonly revoked: RevokedSessions;
  readonly limiter: Limiter;
  readonly send: (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => void;
  readonly onLimited: (limit: LimitClass) => void;
};

/** RFC 6750 §3: without a token only the scheme, with a bad one the error. */
const NOT_SIGNED_IN = refuse('not-signed-in', { headers: { 'www-authenticate': 'Bearer realm="haat"' } });
const BAD_TOKEN = refuse('not-signed-in', {
  detail: 'The access token is not valid or its time is over.',
  headers: { 'www-authenticate': 'Bearer realm="haat", error="invalid_token"' },
});
const FORBIDDEN = refuse('forbidden');

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,4096})$/i;

export function createAdmission({ tokens, revoked, limiter, send, onLimited }: Parts): Admission {
  const authenticate = (header: string | undefined): Principal | Refusal => {
    if (header === undefined) return NOT_SIGNED_IN;
    const token = BEARER.exec(header)?.[1];
    const principal = token === undefined ? undefined : tokens.verify(token);
    return principal === undefined || revoked.has(principal.sessionId) ? BAD_TOKEN : principal;
  };

  const identify = (access: Access, request: FastifyRequest): Refusal | undefined => {
    const header = request.headers.authorization;
    if (access === 'public' || (access === 'optional' && header === undefined)) return undefined;
    const caller = authenticate(header);
    if ('problem' in caller) return caller;
    request.principal = caller;
    return typeof access === 'string' || access.includes(caller.role) ? undefined : FORBIDDEN;
  };

  /** Callers who are refused count by address, so that guessing tokens has a limit too. */
  const countedAs = (quota: Quota, request: FastifyRequest, refused: Refusal | undefined): string =>
    (quota.by === 'user' && refused === undefined ? request.principal?.userId : undefined) ?? request.ip;

  return {
    forged: (request) => void limiter.take('forged', FORGED_NOTICES, request.ip),

    welcomes(request, access, limit) {
      const refused = identify(access, request);
      if (refused !== undefined) return false;
      if (limit === 'none') return limiter.peek('forged', FORGED_NOTICES, request.ip).allowed;
      const quota = LIMITS[limit];
      return limiter.peek(limit, quota, countedAs(quota, request, refused)).allowed;
    },

    hook: (access, limit) => {
      const quota = limit === 'none' ? undefined : LIMITS[limit];
      const policy = quota === undefined ? '' : `"${limit}";q=${limiter.quotaOf(quota)};w=${quota.seconds}`;
      return (request, reply, done) => {
        const refused = identify(access, request);
        if (quota !== undefined) {
          const verdict = limiter.take(limit, quota, countedAs(quota, request, refused));
          reply.header('ratelimit-policy', policy);
          reply.header('ratelimit', `"${limit}";r=${verdict.remaining};t=${verdict.resetAfter}`);
          if (!verdict.allowed) {
            onLimited(limit);
            const headers = { 'retry-after': String(verdict.retryAfter) };
            send(request, reply, refuse('too-many-requests', { headers }));
            return;
          }
        }
        if (refused === undefined) done();
        else send(request, reply, refused);
      };
    },
  };
}
