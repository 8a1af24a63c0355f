/**
 * Sessions and their refresh tokens. A token is opaque: 16 random bytes that name the session and 32 that are the
 * secret, base64url, 64 characters. Only the SHA-256 of the current secret is stored (it is random, so a fast hash is right).
 *
 * Rotation is strict: each token works once. Any other token of the session, an old one or a copy, means that two
 * parties hold it, and ends the session for both (RFC 9700 §4.14.2). There is no grace for two refreshes at once
 * by one client: a client must refresh one at a time, as no server can tell its second try from a thief's.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Instant, UserId } from '../../actors/ids.ts';
import type { Pool } from '../postgres/pool.ts';
import type { Session } from './port.ts';

/** From the last rotation. */
export const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60 * 1_000;

const NAME_BYTES = 16;
const SECRET_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{64}$/;

type Token = { readonly sessionId: string; readonly hash: Buffer };

const hashOf = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest();

function readToken(text: string): Token | undefined {
  if (!TOKEN.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return { sessionId: bytes.toString('hex', 0, NAME_BYTES), hash: hashOf(bytes.subarray(NAME_BYTES)) };
}

export async function openSession(
  pool: Pool,
  userId: UserId,
  device: { userAgent?: string; address?: string },
  now: Instant,
): Promise<Session> {
  const bytes = randomBytes(NAME_BYTES + SECRET_BYTES);
  const expiresAt = now + SESSION_LIFETIME_MS;
  // The user's sessions that are over go at the same time: nothing else needs to clean up.
  await pool.query(
    `with over as (delete from sessions where user_id = $2 and expires_at <= $4)
     insert into sessions (id, user_id, token_hash, user_agent, address, created_at, rotated_at, expires_at)
     values ($1, $2, $3, left($6, 300), left($7, 100), $4, $4, $5)`,
    [
      bytes.toString('hex', 0, NAME_BYTES),
      userId,
      hashOf(bytes.subarray(NAME_BYTES)),
      new Date(now),
      new Date(expiresAt),
      device.userAgent ?? null,
      device.address ?? null,
    ],
  );
  return { id: bytes.toString('hex', 0, NAME_BYTES), refreshToken: bytes.toString('base64url'), expiresAt };
}

export async function rotateSession(
  pool: Pool,
  refreshToken: string,
  now: Instant,
): Promise<{ userId: UserId; session: Session } | 'invalid' | 'reused'> {
  const token = readToken(refreshToken);
  if (token === undefined) return 'invalid';
  const next = randomBytes(SECRET_BYTES);
  const expiresAt = now + SESSION_LIFETIME_MS;
  // One statement decides: of two with the same token, the second finds another hash.
  const rotated = await pool.query<{ user_id: UserId }>(
    `update sessions set token_hash = $3, rotated_at = $4, expires_at = $5
     where id = $1 and token_hash = $2 and revoked_at is null and expires_at > $4 returning user_id`,
    [token.sessionId, token.hash, hashOf(next), new Date(now), new Date(expiresAt)],
  );
  const owner = rotated.rows[0];
  if (owner !== undefined) {
    const bytes = Buffer.concat([Buffer.from(token.sessionId, 'hex'), next]);
    return {
      userId: owner.user_id,
      session: { id: token.sessionId, refreshToken: bytes.toString('base64url'), expiresAt },
    };
  }
  const revoked = await pool.query(
    `update sessions set revoked_at = $3
     where id = $1 and token_hash <> $2 and revoked_at is null and expires_at > $3`,
    [token.sessionId, token.hash, new Date(now)],
  );
  return revoked.rowCount === 1 ? 'reused' : 'invalid';
}

/** Ends the session of this token, current or not. Harmless when it has ended. */
export async function closeSession(pool: Pool, refreshToken: string): Promise<string | undefined> {
  const token = readToken(refreshToken);
  if (token === undefined) return undefined;
  await pool.query('delete from sessions where id = $1', [token.sessionId]);
  return token.sessionId;
}
