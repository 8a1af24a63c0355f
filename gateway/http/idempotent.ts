/**
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): of concurrent duplicates one runs, a repeat gets the
 * first answer. What is final (2xx, and refusals that would come again) is kept; a 5xx or 429 is not: the next
 * try runs again, with the same seed, and so completes the same order instead of making a second one.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { randomHex } from '../../config/random-hex.ts';
import type { Claim, IdempotencyStore, StoredAnswer } from '../../stores/idempotency.ts';
import { type Refusal, refuse } from '../problems.ts';
import type { Description, Intent } from './endpoint.ts';
import { idempotencyOf } from './endpoint.ts';

/** What is sent: an answer or a problem, in the form that is stored. */
export type Sent = StoredAnswer;

export type Idempotency = {
  /** Runs once per key, or answers what the first run did. */
  run(
    request: FastifyRequest,
    description: Description,
    caller: string,
    work: (intent: Intent) => Promise<Sent>,
  ): Promise<Sent | Refusal>;
};

/** The draft's structured-field string, `"…"`, or the bare text that most clients send. */
const KEY = /^(?:"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/;

export function createIdempotency(store: IdempotencyStore, secret: string, log: Logger): Idempotency {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', `haat:${purpose}`, 32));
  const fingerprintKey = derive('idempotency-fingerprint').toString('base64url');
  const sealingKey = derive('idempotency-sealing');

  /** Keyed, because bodies hold passwords and a bare hash of one can be guessed at. Compared, never shown: no HMAC. */
  const fingerprintOf = (request: FastifyRequest): string =>
    hash(
      'sha256',
      `${fingerprintKey}${request.method} ${request.url}\n${JSON.stringify(request.body) ?? ''}`,
      'base64url',
    );

  const seal = (answer: StoredAnswer): StoredAnswer => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', sealingKey, iv);
    const sealed = Buffer.concat([cipher.update(answer.body, 'utf8'), cipher.final()]);
    return { ...answer, body: Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64') };
  };
  const unseal = (answer: StoredAnswer): StoredAnswer => {
    const bytes = Buffer.from(answer.body, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', sealingKey, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    const body = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    return { ...answer, body };
  };

  const settle = async (claim: Extract<Claim, { state: 'claimed' }>, answer: StoredAnswer): Promise<void> => {
    try {
      await (isFinal(answer.status) ? claim.complete(answer) : claim.abandon());
    } catch (error) {
      // The answer stands. A repeat waits for the lease and then finds the same order by the same seed.
      log.warn({ event: 'idempotency-not-recorded', error: String(error) });
    }
  };

  return {
    async run(request, description, caller, work) {
      const mode = idempotencyOf(description);
      const header = request.headers['idempotency-key'];
      if (mode === 'none' || header === undefined) {
        if (mode === 'required') return refuse('idempotency-key-required');
        return work({ seed: randomHex(16), at: Date.now(), fresh: true });
      }
      const read = typeof header === 'string' ? KEY.exec(header.trim()) : null;
      const key = read?.[1] ?? read?.[2];
      if (key === undefined) return refuse('idempotency-key-invalid');

      const scope = `${caller} ${description.method} ${description.path}`;
      const claim = await store.claim(scope, key, fingerprintOf(request));
      switch (claim.state) {
        case 'running':
          return refuse('request-running', { headers: { 'retry-after': '1' } });
        case 'other-payload':
          return refuse('idempotency-key-reused');
        case 'done': {
          const first = mode === 'sealed' ? unseal(claim.answer) : claim.answer;
          return { ...first, headers: { ...first.headers, 'idempotency-replayed': 'true' } };
        }
        case 'claimed': {
          let sent: Sent;
          try {
            sent = await work({ seed: claim.seed, at: claim.at, fresh: claim.fresh });
          } catch (error) {
            await settle(claim, { status: 500, body: '', headers: {} });
            throw error;
          }
          await settle(claim, mode === 'sealed' ? seal(sent) : sent);
          return sent;
        }
        default:
          return claim satisfies never;
      }
    },
  };
}

/** 401 and 412 too: the same request would be refused in the same way, for what it says. */
const isFinal = (status: number): boolean => status < 500 && status !== 429 && status !== 408;
