/** Public catalogue answers: kept by browsers and proxies for a moment, and asked for again by their tag. */
import type { FastifyRequest } from 'fastify';
import type { Answer } from './endpoint.ts';
import { contentTag, matchesTag } from './entity-tag.ts';

/** Availability in them is a hint and a few seconds old at most; stock is decided at checkout. */
const CACHE_CONTROL = 'public, max-age=10, stale-while-revalidate=30';

export function cacheable(request: FastifyRequest, body: unknown, version?: number): Answer {
  const serialized = JSON.stringify(body);
  const etag = contentTag(serialized, version);
  const headers = { etag, 'cache-control': CACHE_CONTROL };
  if (matchesTag(request.headers['if-none-match'], etag)) return { status: 304, headers };
  return { status: 200, serialized, headers };
}
