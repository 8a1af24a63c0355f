/** Register, login, refresh, logout. */
import type { FastifyRequest } from 'fastify';
import type { User } from '../../stores/accounts/port.ts';
import { ACCESS_TOKEN_SECONDS, type AccessTokens } from '../auth/access-tokens.ts';
import type { RevokedSessions } from '../auth/revoked-sessions.ts';
import type { GatewayDeps } from '../deps.ts';
import { login, refreshRequest, registration, session, userDocument } from '../documents/accounts.ts';
import { answer, type Endpoint, endpoint } from '../http/endpoint.ts';
import { FAILED_LOGINS } from '../limits/classes.ts';
import type { Limiter } from '../limits/limiter.ts';
import { refuse } from '../problems.ts';

type Parts = Pick<GatewayDeps, 'accounts'> & {
  readonly tokens: AccessTokens;
  readonly revoked: RevokedSessions;
  readonly limiter: Limiter;
};

const tag = 'Accounts';

export function sessionRoutes({ accounts, tokens, revoked, limiter }: Parts): readonly Endpoint[] {
  const documentOf = (user: User, sessionId: string, refreshToken: string) => ({
    user: userDocument(user),
    accessToken: tokens.sign(user, sessionId),
    refreshToken,
    expiresIn: ACCESS_TOKEN_SECONDS,
  });
  const open = async (user: User, request: FastifyRequest) => {
    const { id, refreshToken } = await accounts.openSession(user.id, deviceOf(request));
    return documentOf(user, id, refreshToken);
  };

  return [
    endpoint({
      method: 'POST',
      path: '/api/users/register',
      tag,
      summary: 'Make an account and log in',
      access: 'public',
      limit: 'registration',
      priority: 'find',
      idempotency: 'sealed',
      body: registration,
      answers: { 201: { description: 'The account and its first session', schema: session, headers: ['Location'] } },
      problems: ['email-taken', 'phone-taken'],
      async handle({ body, request }) {
        const user = await accounts.register(body);
        if (typeof user === 'string') return refuse(user);
        return answer(201, await open(user, request), { location: `/api/users/${user.id}` });
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/users/login',
      tag,
      summary: 'Log in',
      detail: 'The same answer, after the same time, for a wrong password and for an unknown account.',
      access: 'public',
      limit: 'credentials',
      priority: 'cart',
      idempotency: 'sealed',
      body: login,
      answers: { 200: { description: 'A new session', schema: session } },
      problems: ['bad-credentials'],
      async handle({ body, request }) {
        const { password, ...who } = body;
        const account = 'email' in who ? who.email.toLowerCase() : who.phone;
        const turn = limiter.peek('failed-logins', FAILED_LOGINS, account);
        if (!turn.allowed) return refuse('too-many-requests', { headers: { 'retry-after': String(turn.retryAfter) } });
        const user = await accounts.authenticate(who, password);
        if (user === undefined) {
          limiter.take('failed-logins', FAILED_LOGINS, account);
          return refuse('bad-credentials');
        }
        return answer(200, await open(user, request));
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/users/refresh',
      tag,
      summary: 'Exchange a refresh token for a new pair',
      detail: 'A refresh token works once. One that is used again ends its session, and its access tokens with it.',
      access: 'public',
      limit: 'credentials',
      priority: 'cart',
      idempotency: 'sealed',
      body: refreshRequest,
      answers: { 200: { description: 'The next pair of tokens', schema: session } },
      problems: ['invalid-refresh-token'],
      async handle({ body }) {
        const rotated = await accounts.rotate(body.refreshToken);
        if (rotated === 'reused') {
          // Also ends what is left of it; its name is what the access tokens are refused by.
          const ended = await accounts.closeSession(body.refreshToken);
          if (ended !== undefined) revoked.add(ended);
        }
        if (typeof rotated === 'string') return refuse('invalid-refresh-token');
        return answer(200, documentOf(rotated.user, rotated.session.id, rotated.session.refreshToken));
      },
    }),

    endpoint({
      method: 'POST',
      path: '/api/users/logout',
      tag,
      summary: 'End a session',
      detail: 'Its access tokens are refused from now on. Harmless for a session that has ended.',
      access: 'public',
      limit: 'credentials',
      priority: 'cart',
      body: refreshRequest,
      answers: { 204: { description: 'The session has ended' } },
      async handle({ body }) {
        const ended = await accounts.closeSession(body.refreshToken);
        if (ended !== undefined) revoked.add(ended);
        return answer(204);
      },
    }),
  ];
}

function deviceOf(request: FastifyRequest): { userAgent?: string; address: string } {
  const userAgent = request.headers['user-agent'];
  return { address: request.ip, ...(userAgent === undefined ? {} : { userAgent }) };
}
