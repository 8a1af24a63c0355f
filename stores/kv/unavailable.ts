import type { PublishResult } from '../nats/publisher.ts';

/** The bucket did not take a write, or nobody knows whether it did. Every write here is safe to repeat. */
export class KvUnavailable extends Error {
  readonly code = 'kv-unavailable';
  readonly retryable = true;
  constructor(what: string, result?: Exclude<PublishResult, { outcome: 'stored' }>, options?: { cause?: unknown }) {
    const why = result === undefined ? '' : result.outcome === 'refused' ? `: ${result.description}` : ': no answer';
    super(`${what}${why}`, options ?? (result?.outcome === 'unknown' ? { cause: result.cause } : {}));
    this.name = 'KvUnavailable';
  }
}
