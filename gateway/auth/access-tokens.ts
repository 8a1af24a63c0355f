/**
 * Access tokens: JWT, HS256, 15 minutes. They are not looked up anywhere; what a session's end does to them is in
 * revoked-sessions.ts.
 */
import { createSigner, createVerifier } from 'fast-jwt';
import { z } from 'zod';
import type { SellerId, UserId } from '../../actors/ids.ts';
import type { Role, User } from '../../stores/accounts/port.ts';
import { Lru } from '../../stores/lru.ts';

export const ACCESS_TOKEN_SECONDS = 15 * 60;
const ISSUER = 'haat';

/** Who calls. */
export type Principal = {
  readonly userId: UserId;
  readonly role: Role;
  readonly sessionId: string;
  /** Set for role `seller`. */
  readonly sellerId: SellerId | null;
  /** Epoch ms. */
  readonly expiresAt: number;
};

const claims = z.object({
  sub: z.string().transform((id) => id as UserId),
  role: z.enum(['customer', 'seller', 'partner', 'ops', 'admin']),
  sid: z.string(),
  sel: z
    .string()
    .transform((id) => id as SellerId)
    .optional(),
  exp: z.number(),
});

export type AccessTokens = {
  readonly sign: (user: User, sessionId: string) => string;
  /** undefined: not ours, changed, or over. */
  readonly verify: (token: string) => Principal | undefined;
};

export function createAccessTokens(secret: string): AccessTokens {
  const sign = createSigner({
    key: secret,
    algorithm: 'HS256',
    iss: ISSUER,
    aud: ISSUER,
    expiresIn: ACCESS_TOKEN_SECONDS * 1_000,
  });
  const verify = createVerifier({
    key: secret,
    // Named, so that a token cannot choose another way to be checked.
    algorithms: ['HS256'],
    allowedIss: ISSUER,
    allowedAud: ISSUER,
    requiredClaims: ['iss', 'aud', 'exp'],
  });
  /** Tokens that were found good: one is checked and read once, not with every request. */
  const known = new Lru<string, Principal>(20_000);

  const read = (token: string): Principal | undefined => {
    let payload: unknown;
    try {
      payload = verify(token);
    } catch {
      return undefined;
    }
    const { data } = claims.safeParse(payload);
    if (data === undefined) return undefined;
    const { sub, role, sid, sel, exp } = data;
    return { userId: sub, role, sessionId: sid, sellerId: sel ?? null, expiresAt: exp * 1_000 };
  };

  return {
    sign: (user, sessionId) =>
      sign({
        sub: user.id,
        role: user.role,
        sid: sessionId,
        ...(user.sellerId === null ? {} : { sel: user.sellerId }),
      }),
    verify(token) {
      const seen = known.get(token);
      if (seen !== undefined) return seen.expiresAt > Date.now() ? seen : undefined;
      const principal = read(token);
      if (principal !== undefined) known.set(token, principal);
      return principal;
    },
  };
}
