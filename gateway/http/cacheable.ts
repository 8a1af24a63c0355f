/** Public catalogue answers: kept by browsers and proxies for a while, and asked for again by their tag. */
import type { FastifyRequest } from 'fastify';
import type { Prepared } from '../pages/prepared.ts';
import type { Answer } from './endpoint.ts';
import { matchesTag } from './entity-tag.ts';

/** RFC 9111, RFC 5861. */
const CACHE_CONTROL = {
  /** Has prices and availability in it; they are a hint, and a few seconds old at most; stock is decided at checkout. */
  live: 'public, max-age=10, stale-while-revalidate=30, stale-if-error=300',
  /** Has nothing in it that changes by the minute. */
  page: 'public, max-age=300, stale-while-revalidate=300, stale-if-error=3600',
} as const;

export function cacheable(
  request: FastifyRequest,
  { serialized, etag }: Prepared,
  kind: keyof typeof CACHE_CONTROL = 'live',
): Answer {
  const headers = { etag, 'cache-control': CACHE_CONTROL[kind] };
  if (matchesTag(request.headers['if-none-match'], etag)) return { status: 304, headers };
  return { status: 200, serialized, headers };
}
